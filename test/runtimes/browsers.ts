import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, extname, join, normalize } from 'node:path';
import { removeFolder } from '../helpers/remove-folder.ts';
import { type Outcome, type Prove, type Reference, Skipped } from './outcome.ts';
import type { Place } from './place.ts';
import { printed } from './processes.ts';

export type Browser = 'chromium' | 'firefox';

const PROGRAMS: Record<Browser, string[]> = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  firefox: ['firefox-esr', 'firefox'],
};

function program(browser: Browser): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const file of PROGRAMS[browser].flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  throw new Skipped(`no ${PROGRAMS[browser].join(' or ')} on this machine; Debian has the package`);
}

export const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
export const FORBIDDING = "default-src 'self'; script-src 'self'";

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** What a page is answered with at `/model`, and who hears what it posts to `/result`; false for another path. */
export function answering(model: Uint8Array, told: (text: string) => void) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.url === '/model') response.end(model);
    else if (request.url === '/result') {
      const pieces: Buffer[] = [];
      request
        .on('data', (piece) => pieces.push(piece))
        .on('end', () => {
          response.end();
          told(Buffer.concat(pieces).toString());
        });
    } else return false;
    return true;
  };
}

/** Opens an address in a browser with a profile of its own until `result` is there; both end after a minute. */
export async function visit<R>(browser: Browser, address: string, result: Promise<R>): Promise<R> {
  const profile = mkdtempSync(join(tmpdir(), 'fletching-profile-'));
  const flags =
    browser === 'chromium'
      ? ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`]
      : ['--headless', '--no-remote', '--profile', profile];
  const running: ChildProcess = spawn(program(browser), [...flags, address], {
    env: { ...process.env, HOME: profile },
    stdio: 'ignore',
    detached: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${browser} said nothing within a minute`)), 60_000);
    running.once('error', reject);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
    const ended = new Promise((resolve) => running.once('exit', resolve));
    if (running.exitCode === null && running.pid) {
      process.kill(-running.pid, 'SIGKILL');
      await ended;
    }
    await removeFolder(profile);
  }
}

/** What a page of a folder posts, opened from a server that sends this content policy. */
export async function opened(
  browser: Browser,
  folder: string,
  page: string,
  file: Uint8Array,
  policy?: string,
): Promise<Record<string, never> & { error?: string }> {
  program(browser);
  let told: (text: string) => void = () => {};
  const result = new Promise<string>((resolve) => {
    told = resolve;
  });
  const answer = answering(file, (text) => told(text));
  const server = createServer((request, response) => {
    if (policy) response.setHeader('Content-Security-Policy', policy);
    if (answer(request, response)) return;
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    response.setHeader(
      'Content-Type',
      TYPES[extname(path)] ?? (path === '/' ? TYPES['.html'] : 'text/plain'),
    );
    try {
      response.end(path === '/' ? page : readFileSync(join(folder, path)));
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  try {
    return JSON.parse(await visit(browser, `http://127.0.0.1:${port}/`, result));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

export const shell = (script: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>proof</title><script type="module" src="${script}"></script></html>`;

/** The proof of a page's own words; its error as an Error. */
export function outcomeOf(result: Record<string, never> & { error?: string }, version: string): Outcome {
  if (result.error) throw new Error(result.error);
  return { ...(result as unknown as Outcome), version };
}

export async function browserVersion(browser: Browser): Promise<string> {
  const text = await printed(tmpdir(), [program(browser), '--version'], { HOME: tmpdir() });
  return /[\d.]+/.exec(text)?.[0] ?? text.trim();
}

/** The page as one file by esbuild, which comes with wrangler. */
export async function bundled(place: Place, name: string): Promise<string> {
  const folder = place.folder(name);
  const { build } = place.require<{ build(options: object): Promise<unknown> }>('esbuild');
  await build({
    entryPoints: [join(folder, 'page.js')],
    outdir: join(folder, 'out'),
    bundle: true,
    minify: true,
    format: 'esm',
    splitting: true,
    target: 'es2022',
  });
  return join(folder, 'out');
}

/** The proof under a strict content policy, and the refusal under one that forbids WebAssembly. */
export const inBrowser =
  (browser: Browser): Prove =>
  async (place, { file }: Reference) => {
    program(browser);
    const folder = await bundled(place, browser);
    const page = shell('/page.js');
    const { error } = await opened(browser, folder, page, file, FORBIDDING);
    if (!error?.includes("script-src 'self' 'wasm-unsafe-eval'")) {
      throw new Error(`without 'wasm-unsafe-eval' the error should name it, but is: ${error}`);
    }
    return outcomeOf(await opened(browser, folder, page, file, STRICT), await browserVersion(browser));
  };
