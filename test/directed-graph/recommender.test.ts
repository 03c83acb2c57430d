import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { estimateFit } from '../../src/directed-graph/estimate.ts';
import { nodeFeatures } from '../../src/directed-graph/features.ts';
import type { FitOptions, FitState } from '../../src/directed-graph/fit.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { Engine } from '../../src/engine/engine.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/model-file.ts';

const engine = await Engine.create();

/** Eight phones, each leading to its own case and to a charger that all share; ids are names. */
function phones(): DirectedGraph {
  const ids = [
    ...Array.from({ length: 8 }, (_, i) => `phone ${i}`),
    ...Array.from({ length: 24 }, (_, i) => `case ${i}`),
    'charger',
  ];
  const source: number[] = [];
  const target: number[] = [];
  for (let p = 0; p < 8; p++) {
    for (let c = 0; c < 3; c++) {
      source.push(p);
      target.push(8 + 3 * p + c);
    }
    source.push(p);
    target.push(32);
  }
  return DirectedGraph.fromEdges(source, target, { ids });
}

const graph = phones();
const words = nodeFeatures(
  Array.from({ length: 32 }, (_, v) => v),
  Array.from({ length: 32 }, (_, v) => (v < 8 ? v : Math.floor((v - 8) / 3))),
  undefined,
  33,
);
const small: FitOptions = {
  engine,
  earlyStopping: false,
  seed: 3,
  dim: 16,
  training: { steps: 60 },
  encoder: { negatives: 16, directionLoss: 0.5 },
};

test('a phone leads to its cases, a case does not lead to its phone', async () => {
  const model = (await RelatedProducts.fit(graph, { ...small, features: words })).attach(engine);
  for (let p = 0; p < 8; p++) {
    const answers = model.recommend(`phone ${p}`, { k: 4 });
    const own = answers.filter(({ node }) => node >= 8 + 3 * p && node < 11 + 3 * p);
    assert.is(own.length, 3, `phone ${p} got ${answers.map((a) => a.id)}`);
    assert.ok(answers.every(({ score }, i) => i === 0 || score <= answers[i - 1].score));
    for (let c = 0; c < 3; c++) {
      const back = model.recommend(`case ${3 * p + c}`, { k: 4 });
      assert.not.ok(back.some(({ id }) => id === `phone ${p}`));
    }
  }
  model.dispose();
});

test('same seed same hash, another seed another; on a fresh engine and on a used one', async () => {
  const hash = async (given: FitOptions) => (await RelatedProducts.fit(graph, given)).modelHash();
  const first = await hash(small);
  assert.is(await hash(small), first);
  assert.is(await hash({ ...small, engine: undefined }), first);
  assert.is.not(await hash({ ...small, seed: 4 }), first);
});

for (const mode of ['full', 'sampled'] as const) {
  for (const preset of ['default', 'blade'] as const) {
    test(`${mode}, ${preset}: a run resumed from any checkpoint ends with the same bits`, async () => {
      const states: FitState[] = [];
      const given: FitOptions = {
        ...small,
        preset,
        earlyStopping: true,
        encoder: preset === 'blade' ? {} : small.encoder,
        training: { steps: 20, evaluateEvery: 4, patience: 3, mode, batch: 16 },
        checkpoint: {
          every: 5,
          save: (state) => void states.push(decodeCheckpoint(encodeCheckpoint(state))),
        },
      };
      const whole = await RelatedProducts.fit(graph, given);
      assert.is(whole.card.mode, mode);
      assert.ok(states.length >= 2);
      for (const resume of states) {
        const resumed = await RelatedProducts.fit(graph, { ...given, checkpoint: { resume } });
        assert.is(await resumed.modelHash(), await whole.modelHash());
        assert.equal(resumed.card, whole.card);
      }
      const other = { ...given, seed: 9, checkpoint: { resume: states[0] } };
      let message = '';
      await RelatedProducts.fit(graph, other).catch((error: Error) => {
        message = `${error.name}: ${error.message}`;
      });
      assert.match(message, /RangeError: .*other data or other options/);
    });
  }
}

test('sampling every neighbour is the whole graph: the same losses to rounding', async () => {
  const losses: Record<string, number[]> = { full: [], sampled: [] };
  for (const mode of ['full', 'sampled'] as const) {
    await RelatedProducts.fit(graph, {
      ...small,
      // One base row a node and no dropout: row numbers differ between the modes, and so would the masks.
      encoder: { ...small.encoder, dropout: 0 },
      training: { steps: 12, mode, sampling: { fanout: [64] } },
      onProgress: ({ loss }) => losses[mode].push(loss!),
    });
  }
  losses.full.forEach((loss, i) => {
    assert.ok(
      Math.abs(loss - losses.sampled[i]) < 2e-3 * loss,
      `step ${i}: ${loss} and ${losses.sampled[i]}`,
    );
  });
});

for (const [name, given] of Object.entries<FitOptions>({
  'every sampling switch': {
    training: {
      steps: 60,
      mode: 'sampled',
      batch: 8,
      sampling: {
        fanout: [2, 2],
        budget: 'degree-adaptive',
        degreePower: 0.5,
        fill: 'alternating',
        walks: 8,
      },
    },
  },
  'blade with co-view': {
    preset: 'blade',
    coView: DirectedGraph.fromEdges([0, 1, 8], [1, 2, 9], { nodeCount: 33 }),
  },
  structural: { encoder: { input: 'structural' } },
  'features and table, untied': { features: words, encoder: { input: 'features+learned', tied: false } },
  'logistic loss, no mask': { encoder: { loss: 'logistic', mask: 0 } },
  'fixed input': { encoder: { input: 'fixed' } },
  'no layers': { encoder: { layers: 0 } },
})) {
  test(`trains, lowers its loss and gives its memory back: ${name}`, async () => {
    const before = engine.stats().slices;
    const losses: number[] = [];
    const model = await RelatedProducts.fit(graph, {
      engine,
      earlyStopping: false,
      dim: 8,
      training: { steps: 30 },
      onProgress: ({ loss }) => void losses.push(loss!),
      ...given,
    });
    const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length;
    assert.ok(mean(losses.slice(-3)) < mean(losses.slice(0, 3)), `losses ${losses.map((l) => l.toFixed(2))}`);
    assert.ok(model.embedding.source.every(Number.isFinite));
    assert.is(engine.stats().slices, before);
  });
}

test('an abort ends the run with its reason, and the engine stays usable', async () => {
  const before = engine.stats().slices;
  const controller = new AbortController();
  const reason = new Error('enough');
  let steps = 0;
  const run = RelatedProducts.fit(graph, {
    ...small,
    training: { steps: 1000 },
    signal: controller.signal,
    onProgress: () => {
      if (++steps === 5) controller.abort(reason);
    },
  });
  assert.is(await run.catch((error) => error), reason);
  assert.is(steps, 5);
  assert.is(engine.stats().slices, before);
  const model = await RelatedProducts.fit(graph, small);
  assert.is(model.card.steps, 60);
});

test('a checkpoint that no run leaves behind is refused', async () => {
  let state: FitState | undefined;
  const given: FitOptions = { ...small, earlyStopping: true, training: { steps: 10, evaluateEvery: 5 } };
  await RelatedProducts.fit(graph, { ...given, checkpoint: { every: 10, save: (s) => void (state = s) } });
  const nan = (name: string) => ({ [name]: state!.tensors[name].map(() => Number.NaN) });
  for (const [change, message] of [
    [{ tensors: { ...state!.tensors, ...nan('best0') } }, /damaged: best0/],
    [{ tensors: { ...state!.tensors, ...nan('state1') } }, /damaged: state1/],
    [{ tensors: { ...state!.tensors, best1: new Float32Array(3) } }, /damaged: best1/],
    [{ step: 1e15 }, /step of the checkpoint/],
    [{ best: 5 }, /best of the checkpoint/],
  ] as [Partial<FitState>, RegExp][]) {
    const resume = { ...state!, ...change };
    const error = await RelatedProducts.fit(graph, { ...given, checkpoint: { resume } }).catch(
      (e: Error) => e,
    );
    assert.match((error as Error).message, message);
  }
});

test('a model outlives the engine it was attached to', async () => {
  const model = await RelatedProducts.fit(graph, small);
  const first = await Engine.create();
  model.attach(first);
  model.similar('phone 0');
  model.recommend('phone 0', { popularity: -0.5, explain: true });
  model.embedNew({ out: ['phone 0'] });
  first.dispose();
  model.attach(engine);
  assert.is(model.recommend('phone 0', { k: 1 }).length, 1);
  const before = engine.stats().slices;
  model.dispose();
  assert.ok(engine.stats().slices < before);
});

test('two fits on one engine do not disturb each other', async () => {
  const alone = await (await RelatedProducts.fit(graph, small)).modelHash();
  const both = await Promise.all([1, 2].map(() => RelatedProducts.fit(graph, small)));
  for (const model of both) assert.is(await model.modelHash(), alone);
});

test('recommend: exclude, only new, unknown ids, no engine', async () => {
  const model = await RelatedProducts.fit(graph, small);
  assert.throws(() => model.recommend('phone 0'), /attach/);
  model.attach(engine);
  const first = model.recommend('phone 0', { k: 3 });
  const rest = model.recommend('phone 0', { k: 3, exclude: [first[0].id, first[1].node] });
  assert.is(rest[0].id, first[2].id);
  const fresh = model.recommend('phone 0', { k: 32, excludeKnown: true });
  assert.not.ok(fresh.some(({ known }) => known));
  assert.is(fresh.length, 33 - 1 - 4);
  assert.throws(() => model.recommend('phone 99', { fallback: false }), /no node has the id "phone 99"/);
  assert.ok(model.recommend('phone 99').every(({ source }) => source === 'popular'));
  assert.throws(() => model.recommend(33), /RangeError|from 0 to 32/);
  assert.throws(() => model.recommend(Number.NaN), /query/);
  assert.throws(() => model.recommend('phone 0', { top: 3 } as never), /unknown option "top"/);
  model.dispose();
});

test('bad options are refused before anything is allocated', async () => {
  const before = engine.stats().slices;
  for (const [given, message] of [
    [{ seed: -1 }, /seed/],
    [{ dim: 0 }, /dim/],
    [{ epochs: Number.NaN }, /epochs/],
    [{ encoder: { mask: Number.NaN } }, /mask/],
    [{ encoder: { input: 'features' } }, /needs features/],
    [{ training: { batch: 0 } }, /batch/],
    [{ training: { sampling: { fanout: [] } } }, /fanout/],
    [{ training: { sampling: { degreePower: 0.3 } } }, /degreePower/],
    [{ training: { mode: 'sampled' }, encoder: { layers: 0 } }, /at least one layer/],
    [{ speed: 9 }, /unknown option "speed"/],
  ] as [FitOptions, RegExp][]) {
    const error = await RelatedProducts.fit(graph, { engine, ...given }).catch((e: Error) => e);
    assert.match((error as Error).message, message);
  }
  const other = DirectedGraph.fromEdges([0], [1], { nodeCount: 50 });
  const pairs = (source: number[], target: number[]) => ({ source, target }) as never;
  for (const [given, message] of [
    [{ coView: other }, /coView\.nodeCount/],
    [{ features: nodeFeatures([0], [0], undefined, 10) }, /features\.rows/],
    [{ validation: pairs([1, 2], [1]) }, /validation\.target must have 2 entries/],
    [{ validation: pairs([Number.NaN], [1]) }, /validation\.source\[0\]/],
    [{ validation: pairs([0], [99]) }, /validation\.target\[0\]/],
    [{ onProgress: 5 as never }, /onProgress must be a function/],
    [{ checkpoint: { evry: 1 } as never }, /unknown option "evry"/],
    [{ signal: {} as never }, /AbortSignal/],
  ] as [FitOptions, RegExp][]) {
    const error = await RelatedProducts.fit(graph, { engine, ...given }).catch((e: Error) => e);
    assert.match((error as Error).message, message);
  }
  const empty = DirectedGraph.fromEdges([], [], { nodeCount: 3 });
  assert.match(
    ((await RelatedProducts.fit(empty, { engine }).catch((e: Error) => e)) as Error).message,
    /no edges/,
  );
  assert.is(engine.stats().slices, before);
});

test('estimate is above what training takes, and not by much', async () => {
  const fresh = await Engine.create();
  const size = { dim: 32, training: { steps: 2, mode: 'full' as const }, earlyStopping: false };
  const n = 3000;
  const source = Uint32Array.from({ length: 30_000 }, (_, i) => (i * 7919) % n);
  const target = Uint32Array.from({ length: 30_000 }, (_, i) => (i * 104_729 + (i >> 3)) % n);
  const big = DirectedGraph.fromEdges(source, target, { nodeCount: n });
  const { bytes, seconds, mode } = estimateFit(big, size);
  await RelatedProducts.fit(big, { ...size, engine: fresh });
  const { peakBytes } = fresh.stats();
  assert.is(mode, 'full');
  assert.ok(seconds > 0);
  assert.ok(bytes > 0.8 * peakBytes && bytes < 1.5 * peakBytes, `estimate ${bytes}, peak ${peakBytes}`);
});

test.run();
