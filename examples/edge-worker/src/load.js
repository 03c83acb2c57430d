// The model and the policy from the binding, read once an isolate.
import { DataError, decodeModel, Engine } from 'fletching/directed-graph';
import { ThresholdPolicy } from 'fletching/uncertainty';
import { Refused } from './refused.js';

export const KEYS = { model: 'related.safetensors', policy: 'policy.json' };

let related;
let policy;

/**
 * `{ model, engine }`. Requests that come while the first still reads read for themselves, since one request cannot wait
 * for what another one has asked for; the first model is kept. A failure is not kept: the next request tries again.
 */
export async function relatedOf(env) {
  if (related) return related;
  const [bytes, engine] = await Promise.all([read(env, KEYS.model, 'arrayBuffer'), Engine.create()]);
  if (related) return related;
  const opened = await usable(KEYS.model, async () => {
    const model = await decodeModel(new Uint8Array(bytes), KEYS.model);
    return { model: model.attach(engine), engine };
  });
  related ??= opened;
  return related;
}

export async function policyOf(env) {
  if (policy) return policy;
  const text = await read(env, KEYS.policy, 'text');
  const opened = await usable(KEYS.policy, () => ThresholdPolicy.fromJSON(JSON.parse(text)));
  policy ??= opened;
  return policy;
}

async function read(env, key, type) {
  if (!env.MODELS) {
    throw new Refused(503, 'no-binding', 'this worker has no KV namespace bound as MODELS', 'MODELS');
  }
  const value = await env.MODELS.get(key, type);
  if (value === null) {
    throw new Refused(503, 'no-model', `the namespace MODELS holds no ${key}: put it there first`, key);
  }
  return value;
}

/** What is made of a value, or 503: a damaged file is the operator's to mend, and its message tells what is wrong. */
async function usable(key, make) {
  try {
    return await make();
  } catch (error) {
    if (![DataError, TypeError, RangeError, SyntaxError].some((kind) => error instanceof kind)) throw error;
    const message = error instanceof DataError ? error.message : `${key}: ${error.message}`;
    console.error(message);
    throw new Refused(503, 'damaged-model', message, key);
  }
}
