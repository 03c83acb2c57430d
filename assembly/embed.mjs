// Puts the compiled kernels where they are imported from: deflated and in base64 in src/engine/kernels-inline.ts for
// runtimes that compile bytes, and with the argument `dist` the raw files and their types beside the built package. With
// `clean`, empties dist first, so that nothing of a source that is gone is packed.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const wasm = new URL('../build/kernels.wasm', import.meta.url);
if (process.argv[2] === 'clean') {
  rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true });
} else if (process.argv[2] === 'dist') {
  mkdirSync(new URL('../dist/', import.meta.url), { recursive: true });
  for (const name of ['kernels.wasm', 'kernels.threads.wasm']) {
    copyFileSync(new URL(`../build/${name}`, import.meta.url), new URL(`../dist/${name}`, import.meta.url));
    writeFileSync(
      new URL(`../dist/${name}.d.ts`, import.meta.url),
      '/** What runtimes with modules compiled at deployment give for it. */\ndeclare const module: WebAssembly.Module;\nexport default module;\n',
    );
  }
} else {
  const text = deflateSync(readFileSync(wasm), { level: 9 }).toString('base64');
  writeFileSync(
    new URL('../src/engine/kernels-inline.ts', import.meta.url),
    `/** build/kernels.wasm, deflated, in base64; written by assembly/embed.mjs. */\nexport const kernelsDeflated: string =\n  '${text}';\n`,
  );
}
