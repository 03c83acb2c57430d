// The proof in Node, Deno and Bun: `main.js train FILE THREADS` writes the model's file, `main.js serve FILE` answers from it.
import { readFile, writeFile } from 'node:fs/promises';

const [what, path, threads] = process.argv.slice(2);
if (what === 'train') {
  const { train } = await import('./proof.js');
  const { file, ...result } = await train(Number(threads));
  await writeFile(path, file);
  console.log(JSON.stringify(result));
} else {
  const file = await readFile(path);
  const started = performance.now();
  const { serve } = await import('./proof.js');
  const answers = await serve(file);
  console.log(JSON.stringify({ answers, firstMs: performance.now() - started }));
}
