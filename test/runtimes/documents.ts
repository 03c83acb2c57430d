import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { opened, STRICT } from './browsers.ts';
import { viteOf, webpacked } from './bundlers.ts';
import { next, workerd } from './edge.ts';
import { type Reference, Skipped } from './outcome.ts';
import type { Place } from './place.ts';
import { commands, printed } from './processes.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = readme.split('## In every runtime\n')[1].split('\n## ')[0];
/** The section's blocks with a file's name behind their language, by that name. */
const blocks = new Map(
  [...section.matchAll(/```\w+ (\S+)\n([\s\S]*?)```/g)].map(([, name, text]) => [name, text]),
);

function block(name: string): string {
  const text = blocks.get(name);
  if (text === undefined) throw new Error(`the README has no ${name}`);
  return text;
}

/** A folder with some of the blocks as files. */
function written(place: Place, folder: string, ...names: string[]): string {
  const path = place.folder(folder);
  for (const name of names) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), block(name));
  }
  return path;
}

const expect = (found: string, wanted: string) => {
  if (found !== wanted) throw new Error(`answers ${found}, not ${wanted}`);
};
const words = (text: string) => (text.match(/[\w-]+/g) ?? []).join(' ');

/** Tells the server what the page's <output> says, or what went wrong in it. */
const PROBE = `
const tell = (result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) });
addEventListener('error', ({ message }) => tell({ error: message }));
addEventListener('unhandledrejection', ({ reason }) => tell({ error: String(reason) }));
const timer = setInterval(() => {
  const text = document.querySelector('output').textContent;
  if (text === '') return;
  clearInterval(timer);
  tell({ text });
}, 20);
`;
const PAGE = '<!doctype html><script type="module" src="/probe.js"></script><output></output>';

async function shown(folder: string, page: string, policy?: string): Promise<void> {
  writeFileSync(join(folder, 'probe.js'), PROBE);
  const { error, text } = (await opened('chromium', folder, page, new Uint8Array(0), policy)) as {
    error?: string;
    text?: string;
  };
  if (error) throw new Error(error);
  expect(text ?? '', 'case, strap');
}

async function inProcesses(place: Place): Promise<void> {
  const folder = written(place, 'readme', 'app.mjs');
  for (const name of ['node', 'deno', 'bun']) {
    const command = commands[name](place).filter((flag) => !flag.startsWith('--allow-write'));
    expect(words(await printed(folder, [...command, 'app.mjs'])), 'case strap');
  }
}

const built: Record<string, (place: Place, folder: string) => Promise<void>> = {
  async Vite(place, folder) {
    writeFileSync(join(folder, 'index.html'), PAGE.replace('/probe.js', '/main.js'));
    const settings = { root: folder, configFile: false, logLevel: 'error' };
    const output = { entryFileNames: 'main.js' };
    await (await viteOf(place)).build({
      ...settings,
      build: { outDir: 'out', rolldownOptions: { output } },
    });
  },
  webpack: (place, folder) => webpacked(place, folder, { main: './main.js' }),
  async esbuild(place, folder) {
    const { build } = place.require<{ build(options: object): Promise<unknown> }>('esbuild');
    const entryPoints = ['main.js', 'trainer.js'].map((name) => join(folder, name));
    await build({ entryPoints, outdir: join(folder, 'out'), bundle: true, format: 'esm' });
  },
};

async function bundledPage(place: Place, name: string): Promise<void> {
  const folder = written(place, `readme-${name}`, 'main.js', 'trainer.js');
  await built[name](place, folder);
  const page = PAGE.replace('</output>', '</output><script type="module" src="/main.js"></script>');
  await shown(join(folder, 'out'), page, STRICT);
}

async function inWorker(place: Place, { file, answers }: Reference): Promise<void> {
  const folder = written(place, 'readme-worker', 'worker.js', 'wrangler.toml');
  const running = await workerd(place, folder, block('wrangler.toml'));
  try {
    await (await running.getKVNamespace('MODELS')).put('shop', new Uint8Array(file).buffer);
    const response = await running.dispatchFetch('http://worker/?item=orbit-x1-phone');
    expect(await response.text(), JSON.stringify(answers.map((answer) => answer.split(' ')[0])));
  } finally {
    await running.dispose();
  }
}

async function inNextRoute(place: Place, { file, answers }: Reference): Promise<void> {
  const name = 'app/related/route.js';
  const { base, stop } = await next(place, { [name]: block(name), 'public/shop.safetensors': file });
  try {
    const response = await fetch(`${base}/related?item=orbit-x1-phone`);
    expect(await response.text(), JSON.stringify(answers.map((answer) => answer.split(' ')[0])));
  } finally {
    stop();
  }
}

const EXAMPLES: [
  what: string,
  files: string[],
  run: (place: Place, reference: Reference) => Promise<void>,
][] = [
  ['Node, Deno, Bun', ['app.mjs'], inProcesses],
  ...Object.keys(built).map(
    (name) => [name, ['main.js', 'trainer.js'], (place: Place) => bundledPage(place, name)] as never,
  ),
  [
    'import map',
    ['index.html'],
    (place) => shown(place.cold, `${block('index.html')}<script type="module" src="/probe.js"></script>`),
  ],
  ['Workers', ['worker.js', 'wrangler.toml'], inWorker],
  ['Next.js', ['app/related/route.js'], inNextRoute],
];

/** Executes every example of the README's section; what is wrong, a line each. */
export async function documented(place: Place, reference: Reference): Promise<string[]> {
  const run = new Set(EXAMPLES.flatMap(([, files]) => files));
  const wrong = [...blocks.keys()]
    .filter((name) => !run.has(name))
    .map((name) => `README: ${name} is not run`);
  for (const [what, , execute] of EXAMPLES) {
    try {
      await execute(place, reference);
      console.log(`ok README: ${what}`);
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof Skipped) console.log(`README: ${what}: skipped: ${message}`);
      else wrong.push(`README: ${what}: ${message}`);
    }
  }
  return wrong;
}
