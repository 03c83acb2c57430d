import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../src/check.ts';
import { DirectedGraph } from '../src/directed-graph/graph.ts';
import { RelatedProducts } from '../src/directed-graph/recommender.ts';
import { Engine } from '../src/engine/engine.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../src/io/safetensors.ts';
import { checksum, decodeCheckpoint, decodeModel, encodeModel } from '../src/model-file.ts';

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

test('a file of another kind says so', () => {
  const foreign = encodeSafetensors({ weight: { dtype: 'F32', shape: [1], data: new Float32Array(1) } });
  assert.is(outcome(foreign), 'not-a-model');
  assert.throws(() => decodeCheckpoint(file, 'a.ckpt'), /a\.ckpt: this is not a checkpoint/);
});

test.run();
