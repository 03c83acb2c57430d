import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../src/check.ts';
import { decodeConversions, encodeConversions } from '../src/conversions-model-file.ts';
import { DelayedFeedbackClassifier } from '../src/delayed-feedback/classifier.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../src/io/safetensors.ts';
import { checksum } from '../src/model-file.ts';
import { close } from './helpers/close.ts';
import { smallLog } from './helpers/conversions.ts';
import { engine } from './helpers/kernel.ts';

const log = smallLog({ rows: 1200 });
const FIT = { pretrainUntil: 15, until: 25, bits: 6, epochs: 1, step: 1, ages: [0.5, 1, 2, 5] } as const;
const model = await DelayedFeedbackClassifier.fit(engine, log, FIT);
const bytes = encodeConversions(model);

test('a file gives the same classifier, and the same bytes again', async () => {
  const back = decodeConversions(engine, bytes);
  close(back.predict(log.features), model.predict(log.features));
  assert.equal(back.flipOpen(), model.flipOpen());
  assert.equal(back.delayCurve(), model.delayCurve());
  assert.equal(back.card, model.card);
  assert.ok(Buffer.from(encodeConversions(back)).equals(bytes));
  back.dispose();
});

const code = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    assert.instance(error, DataError, String((error as Error).stack));
    return (error as DataError).code;
  }
};

test('a cut or changed file is damaged, another one is not a model', () => {
  for (let cut = 0; cut < bytes.length; cut += 997) {
    assert.is(
      code(() => decodeConversions(engine, bytes.subarray(0, cut))),
      'damaged-model',
      `cut at ${cut}`,
    );
  }
  for (let at = 9; at < bytes.length; at += 1471) {
    const changed = bytes.slice();
    changed[at] ^= 1;
    assert.match(
      code(() => decodeConversions(engine, changed)),
      /damaged-model|not-a-model/,
      `byte ${at}`,
    );
  }
  assert.is(
    code(() => decodeConversions(engine, encodeSafetensors({}, { format: 'fletching', kind: 'other' }))),
    'not-a-model',
  );
});

// biome-ignore lint/suspicious/noExplicitAny: whatever a forger may write
type Json = Record<string, any>;

/** The file with its tensors and state changed and a checksum that fits: what only the rules can catch. */
function forged(change: (tensors: Record<string, Tensor>, state: Json) => void): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const all = Object.fromEntries(
    [...tensors].map(([name, t]) => [name, { ...t, data: t.data.slice() } as Tensor]),
  );
  const state = JSON.parse(metadata.state);
  change(all, state);
  const rest = { format: metadata.format, kind: metadata.kind, state: JSON.stringify(state) };
  return encodeSafetensors(all, { ...rest, checksum: checksum(new Map(Object.entries(all)), rest) });
}

test('forged numbers, lengths and indices are refused, and leave no memory behind', () => {
  const slices = engine.stats().slices;
  const set = (name: string, value: number) => (tensors: Record<string, Tensor>) => {
    (tensors[name].data as Float32Array)[0] = value;
  };
  const drop = (name: string) => (tensors: Record<string, Tensor>) => {
    delete tensors[name];
  };
  const shorten = (name: string) => (tensors: Record<string, Tensor>) => {
    const { dtype, data } = tensors[name];
    tensors[name] = { dtype, shape: [data.length - 1], data: data.slice(1) as Tensor['data'] };
  };
  const changes: ((tensors: Record<string, Tensor>, state: Json) => void)[] = [
    set('rows.time', Number.NaN),
    set('rows.due', -1),
    set('rows.bucket', 200),
    set('rows.flags', 255),
    set('rows.signals', 255),
    set('rows.place', 4e9),
    set('features.index', 1 << 20),
    set('posterior.table.weight', Number.NaN),
    set('posterior.servedShifts', Infinity),
    set('run.posterior.model.model.tensors.linear.value', Number.NaN),
    drop('rows.window'),
    drop('posterior.shifts'),
    shorten('rows.value'),
    shorten('run.posterior.table.level'),
    shorten('run.posterior.model.model.tensors.linear.square'),
    (_, state) => (state.card.version = 2),
    (_, state) => (state.card.settings.method = 'other'),
    (_, state) => (state.card.settings.bits = 30),
    (_, state) => (state.card.settings.ages = [2, 1]),
    (_, state) => (state.card.settings.unknown = 1),
    (_, state) => (state.card.signals = Array(20).fill('x')),
    (_, state) => (state.pipeline.options.bits = 24),
    (_, state) => (state.features.fields = 1e9),
    (_, state) => (state.ids[1] = state.ids[0]),
    (_, state) => delete state.run,
    (_, state) => (state.now = 'soon'),
    (_, state) => (state.run.nuisances.models.other = {}),
    (_, state) => delete state.card.settings.cap,
    (_, state) => (state.card.dates = 'yes'),
    (_, state) => (state.card.settings.width = 'wide'),
    (_, state) => (state.card.columns = { time: 3 }),
    (_, state) => delete state.card.settings.method,
    (_, state) => (state.run.nuisances.stageWeight = { length: 1e9 }),
    set('rows.window', 1e30),
    set('posterior.servedShifts', -1),
    set('posterior.shifts', 0),
    set('run.posterior.table.square', -1),
    set('run.posterior.table.information', 0),
    set('run.posterior.model.model.tensors.linear.square', -1),
  ];
  changes.forEach((change, i) => {
    assert.is(
      code(() => decodeConversions(engine, forged(change))),
      'damaged-model',
      `change ${i}: ${change}`,
    );
  });
  assert.is(engine.stats().slices, slices);
});

test('a state by hand is checked as one of a file is', () => {
  const { slices } = engine.stats();
  const json = JSON.parse(JSON.stringify(model.state()));
  for (const state of [null, undefined, {}, 'x', json]) {
    assert.throws(
      () => DelayedFeedbackClassifier.restore(engine, state as never),
      (error: Error) => !/Cannot|not a function/.test(error.message),
    );
  }
  assert.is(engine.stats().slices, slices);
  assert.throws(() => encodeConversions({} as never), /must be a DelayedFeedbackClassifier/);
});

test('a small file that says it is large is refused before memory is asked for', () => {
  const wanted = (change: (state: Json) => void) => {
    const forgery = forged((_, state) => {
      state.card.settings.bits = 24;
      state.pipeline.options.bits = 24;
      state.features.slots = 2 ** 24;
      change(state);
    });
    const { memoryBytes } = engine.stats();
    assert.is(
      code(() => decodeConversions(engine, forgery)),
      'damaged-model',
    );
    return engine.stats().memoryBytes - memoryBytes;
  };
  assert.is(
    wanted(() => {}),
    0,
  );
  assert.is(
    wanted((state) => Object.assign(state.card.settings, { body: 'mlp', width: 256, hidden: [4096, 4096] })),
    0,
  );
});

test('whatever part of the state is missing or of another kind, the error says so in words', () => {
  const kinds = [undefined, null, 0, 'x', [], {}, { length: 1e9 }, { $tensor: 'none' }, { $number: 'NaN' }];
  const state = JSON.parse(decodeSafetensors(bytes).metadata.state);
  const paths = (value: unknown, path: string[]): string[][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [path, ...Object.entries(value).flatMap(([key, one]) => paths(one, [...path, key]))]
      : [path];
  const all = paths(state, []).filter((path) => path.length > 0);
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.constantFrom(...kinds), (path, kind) => {
      const change = (_: unknown, json: Json) => {
        const parent = path.slice(0, -1).reduce((at, key) => at[key], json);
        parent[path.at(-1)!] = kind;
      };
      try {
        decodeConversions(engine, forged(change)).dispose();
      } catch (error) {
        assert.instance(error, DataError);
        assert.not.match((error as Error).message, /Cannot|not a function|not iterable|is not defined/);
      }
    }),
    { numRuns: 150, seed: 7 },
  );
});

test.run();
