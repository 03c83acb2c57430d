/**
 * Proves the packed tarball in real runtimes: `npm run test:runtimes [-- NAME ...] [--markdown]`. Each trains a small model
 * of every room, which must come out with the same SHA-256, and answers from a saved file. `--ci` is Node, workerd and
 * Chromium, and installs only what those need. Exits with 1 when one fails; what is not on this machine is skipped by name.
 */
import { availableParallelism } from 'node:os';
import { inBrowser } from './browsers.ts';
import { builtByEsbuild, builtByVite, builtByWebpack, servedByVite } from './bundlers.ts';
import { documented } from './documents.ts';
import { inNext, inWorkerd } from './edge.ts';
import { markdownTable, type Prove, type Row, rowOf, textTable } from './outcome.ts';
import { prepare } from './place.ts';
import { commands, inProcess, reference } from './processes.ts';

const PROOFS: Record<string, [label: string, prove: Prove]> = {
  ...Object.fromEntries(
    Object.keys(commands).map((name) => [
      name,
      [name.startsWith('node') ? 'Node' : name[0].toUpperCase() + name.slice(1), inProcess(name)],
    ]),
  ),
  'node-threads': ['Node, two threads', inProcess('node', 2)],
  'deno-threads': ['Deno, two threads', inProcess('deno', 2)],
  'bun-threads': ['Bun, two threads', inProcess('bun', 2)],
  workerd: ['workerd (wrangler dry run, miniflare)', inWorkerd],
  next: ['Next.js edge route', inNext],
  chromium: ['Chromium, strict content policy', inBrowser('chromium')],
  firefox: ['Firefox, strict content policy', inBrowser('firefox')],
  'vite-dev': ['Chromium, from Vite serving', servedByVite],
  vite: ['Chromium, built by Vite', builtByVite],
  webpack: ['Chromium, built by webpack', builtByWebpack],
  esbuild: ['Chromium, built by esbuild', builtByEsbuild],
};
const CI = ['node', 'workerd', 'chromium'];

const given = process.argv.slice(2);
const ci = given.includes('--ci');
const asked = given.filter((name) => !name.startsWith('--'));
const unknown = asked.filter((name) => !(name in PROOFS) && name !== 'readme');
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; known are ${Object.keys(PROOFS).join(', ')}, readme`);
  process.exit(2);
}
// This Node is among the others by its number.
const names = ci
  ? CI
  : asked.length > 0
    ? asked
    : [...Object.keys(PROOFS).filter((n) => n !== 'node'), 'readme'];

const place = prepare(!ci);
try {
  const judge = await reference(place);
  console.log(`related-products model, by Node ${process.version}: ${judge.hashes.related}\n`);
  const rows: Row[] = [];
  for (const name of names.filter((name) => name !== 'readme')) {
    const [label, prove] = PROOFS[name];
    rows.push(await rowOf(label, () => prove(place, judge), judge));
    console.log(rowText(rows.at(-1)!));
  }
  console.log(`\n${given.includes('--markdown') ? markdownTable(rows) : textTable(rows)}`);
  console.log(`(${availableParallelism()} cores; the time to the first answer is that of one cold run)`);
  const wrong = names.includes('readme') ? await documented(place, judge) : [];
  for (const line of wrong) console.error(line);
  const failed = rows.filter((row) => row.failed).length;
  const skipped = rows.filter((row) => row.note && !row.failed).length;
  // As uvu ends: the total is without the skipped ones. Examples of the README are told only where they fail.
  console.log(`\n  Total:     ${rows.length - skipped}\n  Passed:    ${rows.length - skipped - failed}`);
  console.log(`  Skipped:   ${skipped}`);
  if (failed > 0 || wrong.length > 0) process.exitCode = 1;
} finally {
  place.dispose();
}
// A bundler's watcher that was left over must not keep this alive.
process.exit();

function rowText({ name, version, failed, note }: Row): string {
  return `${failed ? 'FAILED ' : note ? '' : 'ok '}${name} ${version}${note ? `: ${note}` : ''}`;
}
