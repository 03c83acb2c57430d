/** A Web Worker. Bundlers that know this form put the file beside theirs; for others there is `spawn` of Engine.create. */
export function spawn(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}
