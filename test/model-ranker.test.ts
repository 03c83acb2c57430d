import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../src/check.ts';
import { RelatedProducts } from '../src/directed-graph/recommender.ts';
import { splitEdges } from '../src/directed-graph/split.ts';
import { Engine } from '../src/engine/engine.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../src/io/safetensors.ts';
import { checksum, decodeModel, encodeModel } from '../src/model-file.ts';
import { familyShop } from './helpers/shop.ts';

const engine = await Engine.create();
const shop = familyShop();
const { train, validation } = splitEdges(engine, shop.graph, { validation: 0.3, test: 0, seed: 5 });
const few = { hard: 5, random: 20, ridges: [1], iterations: 30, mlp: false };
const fit = { engine, seed: 3, dim: 8, validation, training: { steps: 3 }, encoder: { negatives: 16 } };
const fitted = await RelatedProducts.fit(train, { ...fit, ranker: { text: shop.features, fit: few } });
// A network by hand, so that the file has one whatever the fit prefers.
const width = fitted.ranker!.model.features.length + 3;
const values = { w1: width * 2, b1: 2, w2: 4, b2: 2, w3: 2 };
const mlp = {
  width,
  hidden: 2,
  values: Object.fromEntries(
    Object.entries(values).map(([name, size]) => [name, new Float32Array(size).fill(0.1)]),
  ) as never,
};
const { model: found, kept } = fitted.ranker!;
const model = new RelatedProducts(train, fitted.embedding, fitted.card, {
  weights: fitted.weights,
  ranker: { model: { ...found, mlp }, kept },
});
const bytes = encodeModel(model);
const { tensors, metadata } = decodeSafetensors(bytes);

/** The file with a change, and a checksum that fits: a stranger can make one. */
function changed(change: (t: Map<string, Tensor>, m: Record<string, string>) => void): RelatedProducts {
  const copy = new Map([...tensors].map(([name, t]) => [name, { ...t, data: t.data.slice() } as Tensor]));
  const { checksum: _, ...rest } = metadata;
  change(copy, rest);
  return decodeModel(encodeSafetensors(copy, { ...rest, checksum: checksum(copy, rest) }), 'a.model');
}

test('text of the ranker alone, a network, every matrix: the same bits come back', async () => {
  const back = decodeModel(bytes);
  assert.equal(back.ranker, model.ranker);
  assert.is(Buffer.compare(encodeModel(back), bytes), 0);
  assert.is(await back.modelHash(), await model.modelHash());
  back.attach(engine);
  model.attach(engine);
  const nodes = Uint32Array.from({ length: train.nodeCount }, (_, u) => u);
  const o = { explain: true, k: 5 };
  assert.equal(back.recommendBatch(nodes, o), model.recommendBatch(nodes, o));
  back.dispose();
  model.dispose();
});

test('every changed number is noticed, and each broken rule is a DataError that names it', () => {
  for (const [name, { dtype, shape, data }] of tensors) {
    if (!name.startsWith('ranker.')) continue;
    const other = data.slice() as Uint8Array<ArrayBuffer>;
    new Uint8Array(other.buffer)[0] ^= 1;
    const copy = new Map(tensors).set(name, { dtype, shape, data: other } as Tensor);
    assert.throws(() => decodeModel(encodeSafetensors(copy, metadata)), /checksum/, name);
  }
  const broken = (rule: RegExp, change: Parameters<typeof changed>[0]) =>
    assert.throws(
      () => changed(change),
      (error: Error) => error instanceof DataError && rule.test(error.message),
      `${rule}`,
    );
  const number = (name: string, i: number, value: number) => (t: Map<string, Tensor>) => {
    (t.get(name)!.data as Float32Array)[i] = value;
  };
  const json =
    (change: (said: Record<string, unknown>) => void) => (_: unknown, m: Record<string, string>) => {
      const said = JSON.parse(m.ranker);
      change(said);
      m.ranker = JSON.stringify(said);
    };
  for (const name of ['scale', 'w', 'a', 'b', 'k', 'svd.source', 'svd.target', 'ease.target.weights']) {
    for (const value of [Number.NaN, Infinity, 2e6]) {
      broken(new RegExp(`ranker\\.${name} holds a number`), number(`ranker.${name}`, 1, value));
    }
  }
  broken(/ranker\.mlp\.w2 holds a number/, number('ranker.mlp.w2', 0, 2e4));
  broken(/tensor source is beyond/, number('source', 0, 1e7));
  broken(/tensor bias is beyond/, number('bias', 0, -1e7));
  broken(/ease\.source\.indices holds 5000, of 209/, number('ranker.ease.source.indices', 0, 5000));
  broken(/ease\.target\.indptr falls/, number('ranker.ease.target.indptr', 9, 1e6));
  broken(/text\.near\.indptr does not span/, number('ranker.text.near.indptr', 0, 1));
  broken(/text\.near\.indices does not rise/, (t) => {
    const { indptr, indices } = {
      indptr: t.get('ranker.text.near.indptr')!.data,
      indices: t.get('ranker.text.near.indices')!.data,
    };
    const at = Number(indptr[0]);
    (indices as Uint32Array)[at + 1] = (indices as Uint32Array)[at];
  });
  broken(/ranker\.w is missing/, (t) => void t.delete('ranker.w'));
  broken(
    /ranker\.svd\.source has shape/,
    json((said) => void (said.rank = 3)),
  );
  broken(
    /other features/,
    json((said) => void (said.features as string[]).reverse()),
  );
  broken(/other features/, (t) => {
    for (const part of ['indptr', 'indices', 'weights']) t.delete(`ranker.ease.target.${part}`);
  });
  broken(/the text of the ranker is missing/, (t) => {
    for (const part of ['indptr', 'indices', 'weights']) t.delete(`ranker.text.rows.${part}`);
  });
  for (const change of [
    { top: 0 },
    { top: 1e9 },
    { top: 'all' },
    { rareBoost: null },
    { rareBoost: 1e9 },
    { direction: 1 },
    { rank: -1 },
    { hidden: 1e9 },
    { columns: -5 },
    { features: 'all' },
  ]) {
    broken(
      /no valid sizes/,
      json((said) => void Object.assign(said, change)),
    );
  }
  broken(/the ranker is not JSON/, (_, m) => void (m.ranker = '{'));
  broken(/no valid sizes/, (_, m) => void (m.ranker = 'null'));
});

test('a log temperature that would make live vectors infinite is refused', () => {
  for (const value of [90, -90, 13.5]) {
    assert.throws(
      () => changed((t) => void ((t.get('encoder.logTemperature')!.data as Float32Array)[0] = value)),
      /logTemperature is beyond 13/,
    );
  }
});

test('a file without a ranker answers by its vectors', () => {
  const old = changed((t, m) => {
    for (const name of [...t.keys()]) if (name.startsWith('ranker.')) t.delete(name);
    delete m.ranker;
    m.card = JSON.stringify({ ...JSON.parse(m.card), ranker: undefined });
  }).attach(engine);
  assert.is(old.ranker, undefined);
  model.attach(engine);
  const plain = (of: RelatedProducts, rank: 'ranker' | 'embedding') =>
    of.recommend('phone 2.2', { rank, fallback: false }).map(({ node, score }) => [node, score]);
  assert.equal(plain(old, 'ranker'), plain(model, 'embedding'));
  old.dispose();
  model.dispose();
  assert.is(engine.stats().slices, 0);
});

test.run();
