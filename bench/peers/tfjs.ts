import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/** The SIMD build of tfjs's wasm backend on one thread. */
export async function tfjs(): Promise<typeof tf> {
  setWasmPaths(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url).pathname);
  setThreadsCount(1);
  if (!((await tf.setBackend('wasm')) && (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')))) {
    throw new Error('tfjs-backend-wasm did not start with SIMD');
  }
  return tf;
}
