import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { answering, bundled, opened, outcomeOf, STRICT, shell, visit } from './browsers.ts';
import { type Prove, Skipped } from './outcome.ts';
import type { Place } from './place.ts';

function version(place: Place, name: string): string {
  const file = place.tool(`${name}/package.json`);
  if (!file) throw new Skipped(`${name} was not installed`);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

interface Vite {
  build(options: object): Promise<unknown>;
  createServer(options: object): Promise<{
    listen(): Promise<unknown>;
    close(): Promise<void>;
    resolvedUrls: { local: string[] };
  }>;
}
export const viteOf = (place: Place): Promise<Vite> =>
  import(pathToFileURL(place.tool('vite/dist/node/index.js')!).href);

/** The built page, under the strict policy in Chromium. */
export const builtByVite: Prove = async (place, { file }) => {
  const name = version(place, 'vite');
  const folder = place.folder('vite');
  writeFileSync(join(folder, 'index.html'), shell('/page.js'));
  await (await viteOf(place)).build({ root: folder, configFile: false, logLevel: 'error' });
  const page = readFileSync(join(folder, 'dist/index.html'), 'utf8');
  return outcomeOf(await opened('chromium', join(folder, 'dist'), page, file, STRICT), name);
};

/** The page from the development server, which bundles dependencies first and serves sources unbundled. */
export const servedByVite: Prove = async (place, { file }) => {
  const name = version(place, 'vite');
  const folder = place.folder('vite-dev');
  writeFileSync(join(folder, 'index.html'), shell('/page.js'));
  let told: (text: string) => void = () => {};
  const result = new Promise<string>((resolve) => {
    told = resolve;
  });
  const answer = answering(file, (text) => told(text));
  type Server = {
    middlewares: {
      use(handle: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): void;
    };
  };
  const plugin = {
    name: 'proof',
    configureServer({ middlewares }: Server) {
      middlewares.use((request, response, next) => {
        if (!answer(request, response)) next();
      });
    },
  };
  const server = await (await viteOf(place)).createServer({
    root: folder,
    cacheDir: join(folder, '.vite'),
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0 },
    plugins: [plugin],
  });
  try {
    await server.listen();
    return outcomeOf(JSON.parse(await visit('chromium', server.resolvedUrls.local[0], result)), name);
  } finally {
    await server.close();
  }
};

interface Stats {
  hasErrors(): boolean;
  toString(options: object): string;
}

/** Bundles entries (name to file) of a folder into its `out` by webpack. */
export async function webpacked(place: Place, folder: string, entry: Record<string, string>): Promise<void> {
  const webpack =
    place.require<(options: object, done: (e: Error | null, s?: Stats) => void) => unknown>('webpack');
  await new Promise<void>((resolve, reject) => {
    const options = { mode: 'production', context: folder, entry, output: { path: join(folder, 'out') } };
    webpack(options, (error, stats) => {
      if (error || stats?.hasErrors())
        reject(error ?? new Error(stats!.toString({ all: false, errors: true })));
      else resolve();
    });
  });
}

export const builtByWebpack: Prove = async (place, { file }) => {
  const name = version(place, 'webpack');
  const folder = place.folder('webpack');
  await webpacked(place, folder, { page: './page.js' });
  return outcomeOf(await opened('chromium', join(folder, 'out'), shell('/page.js'), file, STRICT), name);
};

export const builtByEsbuild: Prove = async (place, { file }) => {
  const folder = await bundled(place, 'esbuild');
  return outcomeOf(
    await opened('chromium', folder, shell('/page.js'), file, STRICT),
    version(place, 'esbuild'),
  );
};
