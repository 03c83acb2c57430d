/**
 * npm run bench [-- PATTERN] [-- --save]: every micro-benchmark under bench/kernels whose path holds PATTERN.
 * --save appends the rows, with machine and commit, to bench/history.jsonl.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Row } from './kernel.ts';

const words = process.argv.slice(2);
const pattern = words.find((word) => !word.startsWith('--')) ?? '';
const here = new URL('./kernels/', import.meta.url);
const files = (readdirSync(here, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts') && file.includes(pattern))
  .sort();
if (files.length === 0)
  throw new Error(`no benchmark under bench/kernels has ${JSON.stringify(pattern)} in its path`);

const rows: Row[] = [];
for (const file of files) {
  const module = (await import(new URL(file, here).href)) as { default: () => Promise<Row[]> };
  rows.push(...(await module.default()));
}
if (words.includes('--save')) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const place = { date: new Date().toISOString(), commit, node: process.version, cpu: cpus()[0].model };
  const lines = rows.map((row) => `${JSON.stringify({ ...place, ...row })}\n`);
  appendFileSync(new URL('./history.jsonl', import.meta.url), lines.join(''));
}
