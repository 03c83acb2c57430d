import { DataError, instance, object } from './check.ts';
import type { Engine } from './engine/engine.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './io/safetensors.ts';
import { checksum } from './model-file.ts';
import { type ScorerState, UncertainScorer } from './uncertainty/estimators/scorer.ts';
import { checkHoldout, type Holdout, type Rows } from './uncertainty/holdout.ts';
import { ThresholdPolicy } from './uncertainty/policy.ts';

const FORMAT = 'fletching';
export const THRESHOLDS_KIND = 'thresholds';

/** A scorer with its policy, and the rows that both were judged by. */
export interface ThresholdsModel {
  /** What turns a table of features into scores and uncertainties. */
  scorer: UncertainScorer;
  /** What decides by them. */
  policy: ThresholdPolicy;
  /** One threshold on the score with the same bound, to compare with. */
  base: ThresholdPolicy;
  /** Columns that the scorer reads, by kind. */
  features: { numeric: string[]; categorical: string[] };
  /** Scored rows that were not trained on: what the policy was fitted on and judged by, as far as they are kept. */
  calibration: Holdout;
  test: Holdout;
  /** What a reader should know: figures, settings, command. Plain JSON; nothing here changes an answer. */
  card: Record<string, unknown>;
}

/** Rows kept of each part: enough for every chart, and 3 MB. */
const KEPT = 100_000;
/** Characters of a metadata text. The pipeline has every category it knows in it. */
const LONGEST = 64e6;

const PARTS = ['calibration', 'test'] as const;
const COLUMNS = ['score', 'uncertainty', 'label', 'weight', 'cost', 'group'] as const;

/**
 * The bytes of a safetensors file: networks and rows as tensors, the rest as JSON in the metadata, with a checksum. TypeError
 * or RangeError names the part that is missing or that a reader of the file would refuse.
 */
export function encodeThresholds(model: ThresholdsModel): Uint8Array<ArrayBuffer> {
  const parts = checkModel(model);
  const { json, tensors: arrays } = model.scorer.state();
  const tensors: Record<string, Tensor> = {};
  const f32 = (data: Float32Array): Tensor => ({
    dtype: 'F32',
    shape: [data.length],
    data: data as Float32Array<ArrayBuffer>,
  });
  for (const [name, data] of Object.entries(arrays)) tensors[`scorer.${name}`] = f32(data);
  for (const part of PARTS) {
    const rows = parts[part];
    const step = Math.max(1, Math.ceil(rows.n / KEPT));
    for (const column of COLUMNS) {
      const values = rows[column];
      if (!values) continue;
      const kept = Array.from({ length: Math.ceil(rows.n / step) }, (_, i) => values[i * step]);
      tensors[`${part}.${column}`] =
        column === 'group'
          ? { dtype: 'U32', shape: [kept.length], data: Uint32Array.from(kept) }
          : f32(Float32Array.from(kept));
    }
  }
  const { policy, base, features, card } = model;
  const metadata = {
    format: FORMAT,
    kind: THRESHOLDS_KIND,
    scorer: JSON.stringify(json),
    policy: JSON.stringify(policy),
    base: JSON.stringify(base),
    features: JSON.stringify(features),
    card: JSON.stringify(card),
  };
  const sum = checksum(new Map(Object.entries(tensors)), metadata);
  return encodeSafetensors(tensors, { ...metadata, checksum: sum });
}

/**
 * The model of a file. DataError `not-a-model` for another file, `damaged-model` for one that breaks a rule: every length
 * and number is checked before it is used.
 */
export function decodeThresholds(engine: Engine, bytes: Uint8Array, file?: string): ThresholdsModel {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  if (metadata.format !== FORMAT || metadata.kind !== THRESHOLDS_KIND) {
    throw new DataError('a safetensors file, but not a thresholds model', { code: 'not-a-model', file });
  }
  const damaged = (rule: string, cause?: unknown) =>
    new DataError(`damaged model file: ${rule}`, { code: 'damaged-model', file }, cause);
  const { checksum: stored, ...rest } = metadata;
  if (stored !== checksum(tensors, rest)) throw damaged('its checksum does not fit');
  try {
    const json = (name: string) => {
      const text = metadata[name];
      if (!(text?.length <= LONGEST)) throw new RangeError(`${name} is missing or too long`);
      return JSON.parse(text);
    };
    const scorerTensors: Record<string, Float32Array> = {};
    for (const [name, { dtype, data }] of tensors) {
      if (!name.startsWith('scorer.')) continue;
      if (dtype !== 'F32') throw new RangeError(`tensor ${name} is ${dtype}, not F32`);
      scorerTensors[name.slice('scorer.'.length)] = data as Float32Array;
    }
    const [calibration, test] = PARTS.map((part) => rowsOf(tensors, part));
    const model = {
      policy: ThresholdPolicy.fromJSON(json('policy')),
      base: ThresholdPolicy.fromJSON(json('base')),
      features: featuresOf(json('features')),
      calibration,
      test,
      card: record(json('card'), 'card'),
    };
    const state = { json: json('scorer'), tensors: scorerTensors } as ScorerState;
    return { ...model, scorer: UncertainScorer.restore(engine, state) };
  } catch (cause) {
    throw damaged((cause as Error).message, cause);
  }
}

/** The rows of each part, their groups numbered from 0 whatever they were. */
function checkModel(model: ThresholdsModel): Record<(typeof PARTS)[number], Rows> {
  record(model, 'model');
  instance(model.scorer, UncertainScorer, 'model.scorer', 'an UncertainScorer');
  instance(model.policy, ThresholdPolicy, 'model.policy', 'a ThresholdPolicy');
  instance(model.base, ThresholdPolicy, 'model.base', 'a ThresholdPolicy');
  featuresOf(model.features, 'model.features');
  record(model.card, 'model.card');
  const rowsOf = (part: (typeof PARTS)[number]): Rows => {
    record(model[part], `model.${part}`);
    const rows = checkHoldout(model[part], { probability: true, anyClass: true });
    if (!rows.hasUncertainty) throw new TypeError(`model.${part} must have uncertainty`);
    return rows;
  };
  return { calibration: rowsOf('calibration'), test: rowsOf('test') };
}

const record = (value: unknown, name: string) => object(value, name, 'an object') as Record<string, unknown>;

function featuresOf(value: unknown, of = 'features'): ThresholdsModel['features'] {
  const { numeric, categorical } = record(value, of);
  const names = (list: unknown, name: string) => {
    if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list as string[];
    throw new TypeError(`${of}.${name} must be a list of texts`);
  };
  return { numeric: names(numeric, 'numeric'), categorical: names(categorical, 'categorical') };
}

function rowsOf(tensors: ReadonlyMap<string, Tensor>, part: string): Holdout {
  const rows: Record<string, Tensor['data']> = {};
  for (const name of COLUMNS) {
    const found = tensors.get(`${part}.${name}`);
    if (!found) continue;
    const dtype = name === 'group' ? 'U32' : 'F32';
    if (found.dtype !== dtype) throw new RangeError(`tensor ${part}.${name} is not ${dtype}`);
    rows[name] = found.data;
  }
  if (!(rows.score && rows.uncertainty && rows.label))
    throw new RangeError(`the rows of ${part} are missing`);
  const holdout = rows as unknown as Holdout;
  try {
    checkHoldout(holdout, { probability: true, anyClass: true });
  } catch (cause) {
    throw new RangeError(`the rows of ${part}: ${(cause as Error).message}`, { cause });
  }
  return holdout;
}
