// Puts the compiled kernels where they are imported from: base64 in kernels-inline.ts of src/engine/ (and of
// src/engine/threads/, for the kernels over shared memory) for entries that compile bytes, and with the argument `dist`
// the raw files beside the built package. With `clean`, empties dist first, so that nothing of a source that is gone is
// packed.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const at = (path) => new URL(`../${path}`, import.meta.url);
const MODULES = { 'kernels.wasm': 'src/engine', 'kernels.threads.wasm': 'src/engine/threads' };
if (process.argv[2] === 'clean') {
  rmSync(at('dist/'), { recursive: true, force: true });
} else if (process.argv[2] === 'dist') {
  mkdirSync(at('dist/'), { recursive: true });
  for (const name of Object.keys(MODULES)) copyFileSync(at(`build/${name}`), at(`dist/${name}`));
} else {
  for (const [name, folder] of Object.entries(MODULES)) {
    const text = readFileSync(at(`build/${name}`)).toString('base64');
    writeFileSync(
      at(`${folder}/kernels-inline.ts`),
      `/** build/${name} in base64; written by assembly/embed.mjs. */\nexport const kernelsBase64 =\n  '${text}';\n`,
    );
  }
}
