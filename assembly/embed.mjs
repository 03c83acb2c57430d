// Puts the compiled kernels where they are imported from: deflated and in base64 in kernels-inline.ts of src/engine/ (and
// of src/engine/threads/, for the kernels over shared memory) for runtimes that compile bytes, and with the argument `dist`
// the raw files and their types beside the built package. With `clean`, empties dist first, so that nothing of a source
// that is gone is packed.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const at = (path) => new URL(`../${path}`, import.meta.url);
const MODULES = { 'kernels.wasm': 'src/engine', 'kernels.threads.wasm': 'src/engine/threads' };
if (process.argv[2] === 'clean') {
  rmSync(at('dist/'), { recursive: true, force: true });
} else if (process.argv[2] === 'dist') {
  mkdirSync(at('dist/'), { recursive: true });
  for (const name of Object.keys(MODULES)) {
    copyFileSync(at(`build/${name}`), at(`dist/${name}`));
    writeFileSync(
      at(`dist/${name}.d.ts`),
      '/** What runtimes with modules compiled at deployment give for it. */\ndeclare const module: WebAssembly.Module;\nexport default module;\n',
    );
  }
} else {
  for (const [name, folder] of Object.entries(MODULES)) {
    const text = deflateSync(readFileSync(at(`build/${name}`)), { level: 9 }).toString('base64');
    writeFileSync(
      at(`${folder}/kernels-inline.ts`),
      `/** build/${name}, deflated, in base64; written by assembly/embed.mjs. */\nexport const kernelsDeflated: string =\n  '${text}';\n`,
    );
  }
}
