import { Worker } from 'node:worker_threads';
import { serve, share } from './share.ts';

/** A thread of Node, Deno or Bun. Its process need not wait for it; flags such as loaders are not for it. */
export function spawn(): Worker {
  const text =
    `const { parentPort: port } = require('node:worker_threads');` +
    `port.once('message', (start) => (${serve})(start, (text) => port.postMessage(text), ${share}));`;
  return new Worker(text, { eval: true, execArgv: [] });
}
