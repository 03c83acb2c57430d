// The proof in a browser: answers from the file at /model first, then trains, and tells the server how it went.
import { serve, train } from './proof.js';

const tell = (result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) });

async function prove() {
  const model = await (await fetch('/model')).arrayBuffer();
  const served = await serve(model);
  const firstMs = performance.now();
  const { file: _, ...result } = await train();
  return { ...result, served, firstMs };
}

prove().then(tell, (error) => tell({ error: `${error.name}: ${error.message}` }));
