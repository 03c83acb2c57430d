import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../src/check.ts';
import { nodeFeatures } from '../src/directed-graph/features.ts';
import { DirectedGraph } from '../src/directed-graph/graph.ts';
import { RelatedProducts } from '../src/directed-graph/recommender.ts';
import { Engine } from '../src/engine/engine.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../src/io/safetensors.ts';
import { checksum, decodeCheckpoint, decodeModel, encodeModel } from '../src/model-file.ts';
import { refused } from './helpers/refused.ts';

const engine = await Engine.create();
const ids = ['__proto__', 'constructor', 'Hülle "blau"', '電話', ' ', '\u{1f4f1}'];
const graph = DirectedGraph.fromEdges([0, 0, 1, 2, 3, 4], [1, 2, 3, 4, 5, 0], {
  ids,
  weight: [1, 2, 3, 4, 5, 6],
  timestamp: [10, 20, 30, 40, 50, 60],
});
const model = await RelatedProducts.fit(graph, {
  engine,
  earlyStopping: false,
  dim: 4,
  training: { steps: 3 },
  encoder: { negatives: 4 },
});
const file = encodeModel(model);

test('a model read back is the model', async () => {
  const back = decodeModel(file);
  assert.is(await back.modelHash(), await model.modelHash());
  assert.equal(back.card, JSON.parse(JSON.stringify(model.card)));
  assert.equal(back.graph.ids, ids);
  assert.equal(back.graph.out, graph.out);
  back.attach(engine);
  model.attach(engine);
  for (const id of ids) assert.equal(back.recommend(id), model.recommend(id));
  back.dispose();
  model.dispose();
});

test('the same model gives the same bytes', () => {
  assert.is(Buffer.compare(encodeModel(decodeModel(file)), file), 0);
});

/** The outcome of reading bytes: a model, or the code of a DataError that names the file. Anything else throws. */
function outcome(bytes: Uint8Array): string {
  try {
    decodeModel(bytes, 'shop.model');
    return 'model';
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    assert.match(error.message, /^shop\.model: /);
    return error.code;
  }
}

test('what is no array of bytes is a TypeError', () => {
  for (const value of ['x', null, undefined, {}, new ArrayBuffer(64)])
    refused(() => decodeModel(value as never), TypeError, /must be a Uint8Array/);
});

test('every truncation is a damaged model', () => {
  for (let length = 0; length < file.length; length++) {
    assert.is(outcome(file.subarray(0, length)), 'damaged-model');
  }
});

test('changed bytes never do worse than a DataError', () => {
  const seen = new Set<string>();
  for (let i = 0; i < file.length; i++) {
    for (const bit of [1, 0x80]) {
      const changed = file.slice();
      changed[i] ^= bit;
      seen.add(outcome(changed));
    }
  }
  assert.equal([...seen].sort(), ['damaged-model', 'not-a-model'], 'no changed byte goes unnoticed');
});

test('each broken rule is named', () => {
  const { tensors, metadata } = decodeSafetensors(file);
  const rewritten = (change: (t: Map<string, Tensor>, m: Record<string, string>) => void): string => {
    const copy = new Map([...tensors].map(([name, t]) => [name, { ...t, data: t.data.slice() } as Tensor]));
    const { checksum: _, ...meta } = metadata;
    change(copy, meta);
    // A stranger can make the checksum fit.
    meta.checksum = checksum(copy, meta);
    try {
      decodeModel(encodeSafetensors(copy, meta));
      return 'read';
    } catch (error) {
      assert.instance(error, DataError);
      return (error as Error).message;
    }
  };
  const number = (name: string, i: number, value: number) => (t: Map<string, Tensor>) => {
    (t.get(name)!.data as Float32Array)[i] = value;
  };
  assert.match(rewritten(number('source', 3, Number.NaN)), /source holds a number that is not finite/);
  assert.match(rewritten(number('bias', 0, Infinity)), /bias holds a number that is not finite or beyond/);
  assert.match(rewritten(number('graph.indices', 0, 99)), /target\[0\] must be a node from 0 to 5/);
  assert.match(rewritten(number('graph.indptr', 1, 5)), /graph.indptr falls/);
  assert.match(rewritten(number('graph.indptr', 6, 5)), /does not span the edges/);
  assert.match(rewritten(number('graph.weights', 0, -1)), /weight\[0\] must be positive/);
  assert.match(rewritten(number('ids.offsets', 2, 0)), /ids.offsets falls/);
  assert.match(rewritten(number('ids.text', 0, 0xff)), /not UTF-8/);
  assert.match(
    rewritten((t) => void t.delete('target')),
    /tensor target is missing/,
  );
  assert.match(
    rewritten((_, m) => {
      m.card = m.card.replace('"version":1', '"version":7');
    }),
    /version 7/,
  );
  assert.match(
    rewritten((_, m) => void delete m.card),
    /card is not JSON/,
  );
  assert.match(
    rewritten((_, m) => {
      m.card = m.card.replace('"edges":6', '"edges":1e30');
    }),
    /no valid sizes/,
  );
});

test('the encoder and the categories are read back, and each of their broken rules is named', async () => {
  const features = nodeFeatures([0, 1, 2, 3, 4, 5, 5], [0, 0, 1, 1, 2, 2, 3], undefined, 6);
  const catalogue = { category: ['a', '', 'b', 'a', 'ü', 'b'] };
  const small = { engine, earlyStopping: false, dim: 4, training: { steps: 3 } };
  const encoder = { negatives: 4, input: 'features+learned' as const };
  const whole = await RelatedProducts.fit(graph, { ...small, encoder, features, catalogue });
  const bytes = encodeModel(whole);
  const back = decodeModel(bytes);
  assert.equal(back.weights, whole.weights);
  assert.equal(back.catalogue, catalogue);
  // Half a surrogate pair could not be written and read again.
  assert.throws(() => {
    back.catalogue = { category: ['a', '', 'b', 'a', '\ud83d', 'b'] };
  }, /category\[4\] must be well-formed/);
  assert.is(Buffer.compare(encodeModel(back), bytes), 0);
  const codes = new Set<string>();
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i] ^= 1 << (i % 8);
    codes.add(outcome(changed));
  }
  assert.equal([...codes].sort(), ['damaged-model', 'not-a-model'], 'no changed byte goes unnoticed');
  const { tensors, metadata } = decodeSafetensors(bytes);
  for (const [name, { dtype, shape, data }] of tensors) {
    const changed = data.slice() as Uint8Array<ArrayBuffer>;
    new Uint8Array(changed.buffer)[0] ^= 1;
    const copy = new Map(tensors).set(name, { dtype, shape, data: changed } as Tensor);
    assert.throws(() => decodeModel(encodeSafetensors(copy, metadata)), /checksum/, name);
  }
  // A stranger can make the checksum fit.
  const { checksum: _, ...rest } = metadata;
  const sealed = (of: Map<string, Tensor>) =>
    decodeModel(encodeSafetensors(of, { ...rest, checksum: checksum(of, rest) }));
  const broken = (name: string, i: number, value: number, rule: RegExp) => {
    const copy = new Map([...tensors].map(([key, t]) => [key, { ...t, data: t.data.slice() } as Tensor]));
    (copy.get(name)!.data as Float32Array)[i] = value;
    assert.throws(() => sealed(copy), rule);
  };
  broken('encoder.hops1', 2, Number.NaN, /encoder.hops1 holds a number that is not finite/);
  broken('encoder.mapS', 0, 2e15, /encoder.mapS holds a number that is not finite or beyond 1e15/);
  broken('encoder.table0', 9, Infinity, /encoder.table0 holds a number that is not finite/);
  broken('encoder.projection', 0, Number.NaN, /encoder.projection holds/);
  broken('features.idf', 0, Number.NaN, /features.idf holds/);
  broken('features.indices', 0, 4, /features.indices holds 4, of 4 features/);
  broken('features.indptr', 1, 9, /features.indptr falls/);
  broken('features.indptr', 6, 6, /does not span the features/);
  broken('category.offsets', 1, 90, /category.offsets falls/);
  const without = new Map([...tensors].filter(([name]) => name !== 'encoder.mapS'));
  assert.throws(() => sealed(without), /encoder.mapS is missing/);
  const old = new Map([...tensors].filter(([name]) => !/^(encoder|features|category)/.test(name)));
  assert.is(sealed(old).weights, undefined);
});

test('a file of another kind says so', () => {
  const foreign = encodeSafetensors({ weight: { dtype: 'F32', shape: [1], data: new Float32Array(1) } });
  assert.is(outcome(foreign), 'not-a-model');
  assert.throws(() => decodeCheckpoint(file, 'a.ckpt'), /a\.ckpt: this is not a checkpoint/);
});

test.run();
