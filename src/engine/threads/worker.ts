import { type Start, serve, share } from './share.ts';

/** The whole of a Web Worker's script, also to be had as `fletching/worker`. */
addEventListener(
  'message',
  ({ data }: MessageEvent<Start>) => serve(data, (text) => postMessage(text), share),
  { once: true },
);
