import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const npm = (folder: string, ...args: string[]) =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Where the runtimes are, and where the package is as a user has it. */
export interface Place {
  /** build/runtimes, into which the runtimes and bundlers of package.json were installed. */
  readonly tools: string;
  /** A folder outside of the repository in which nothing but the packed tarball was installed, and the apps beside it. */
  readonly cold: string;
  /** A file of the name in `tools`/node_modules; undefined where only what CI needs was installed. */
  tool(path: string): string | undefined;
  /** A package of `tools`. */
  require<T>(name: string): T;
  /** A folder in `cold` for one app: what it imports is found there. */
  folder(name: string): string;
  dispose(): void;
}

/** Installs the runtimes (`all`, or what CI needs), packs the built package and installs the tarball in an empty folder. */
export function prepare(all: boolean): Place {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('the package is not built: npm run build');
  const tools = join(root, 'build/runtimes');
  installTools(tools, all);
  const cold = mkdtempSync(join(tmpdir(), 'fletching-cold-'));
  writeFileSync(join(cold, 'package.json'), '{ "private": true, "type": "module" }\n');
  const [{ filename }] = JSON.parse(
    npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', cold),
  );
  npm(cold, 'install', `./${filename}`);
  const require = createRequire(join(tools, 'package.json'));
  return {
    tools,
    cold,
    tool: (path) => [join(tools, 'node_modules', path)].find((file) => existsSync(file)),
    require: (name) => require(name),
    folder(name) {
      const folder = join(cold, name);
      cpSync(join(here, 'apps'), folder, { recursive: true });
      return folder;
    },
    dispose: () => rmSync(cold, { recursive: true, force: true }),
  };
}

/** As package.json says; not again while that stays as it is. */
function installTools(tools: string, all: boolean): void {
  mkdirSync(tools, { recursive: true });
  const stamp = join(tools, 'node_modules/.installed');
  const want = readFileSync(join(here, 'package.json'), 'utf8');
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (have === `all\n${want}` || (!all && have === `some\n${want}`)) return;
  for (const file of ['package.json', '.npmrc']) copyFileSync(join(here, file), join(tools, file));
  // Their binaries come inside of packages: no install script is needed, and none is run.
  npm(tools, 'install', '--ignore-scripts', '--prefer-offline', ...(all ? [] : ['--omit=dev']));
  writeFileSync(stamp, `${all ? 'all' : 'some'}\n${want}`);
}
