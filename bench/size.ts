/** npm run size: the table of the README, from the built package. */
import { bundleSize, kernelSize, PROGRAMS } from './bundles.ts';

const kB = (bytes: number) => (bytes / 1000).toFixed(1);

console.log('| what a page imports | first load | with its work done |\n| --- | --- | --- |');
for (const [name, program] of Object.entries(PROGRAMS)) {
  const { first, all } = await bundleSize(program);
  console.log(`| ${name} | ${kB(first)} | ${kB(all)} |`);
}
for (const name of ['kernels.wasm', 'kernels.threads.wasm'] as const) {
  const { raw, gzip } = kernelSize(name);
  console.log(`\`${name}\`: ${raw} bytes, ${kB(gzip)} kB gzipped`);
}
