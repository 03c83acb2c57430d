import { flag, integer, oneOf, real } from '../check.ts';
import type { LevelRule, NestedRule, PolicyCard, ThresholdPolicy } from './policy.ts';

const FORMAT = 'fletching-threshold-policy';
const VERSION = 1;
const LEVELS = 100_000;
const LARGEST = 3.4028234663852886e38;

/** A policy as JSON. Thresholds are f32 values; null is "never". */
export interface PolicyJson {
  format: typeof FORMAT;
  version: typeof VERSION;
  card: PolicyCard;
  uncertaintyAbove?: number;
  rule:
    | { kind: 'levels'; edges: number[]; high: (number | null)[]; low?: (number | null)[] }
    | { kind: 'score-first'; outer: number[]; inner: number[]; high: number[]; low?: number[] };
}

export function writePolicy({ rule, card, uncertaintyAbove }: ThresholdPolicy): PolicyJson {
  const thresholds = (x: Float32Array) => Array.from(x, (t) => (t === Infinity ? null : t));
  const differs = rule.low.some((t, i) => t !== rule.high[i]);
  return {
    format: FORMAT,
    version: VERSION,
    card,
    ...(uncertaintyAbove < Infinity && { uncertaintyAbove }),
    rule:
      rule.kind === 'levels'
        ? {
            kind: rule.kind,
            edges: [...rule.edges],
            high: thresholds(rule.high),
            ...(differs && { low: thresholds(rule.low) }),
          }
        : {
            kind: rule.kind,
            outer: [...rule.outer],
            inner: [...rule.inner],
            high: [...rule.high],
            ...(differs && { low: [...rule.low] }),
          },
  };
}

type Fields = Record<string, unknown>;

/** An object with all of `required`, and of other keys only those of `optional`. */
function fields(value: unknown, name: string, required: string[], optional: string[] = []): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${name} must be an object`);
  }
  for (const key of required) {
    if (!Object.hasOwn(value, key)) throw new TypeError(`${name} must have ${key}`);
  }
  for (const key of Object.keys(value)) {
    if (![...required, ...optional].includes(key)) throw new TypeError(`${name} has an unknown key ${key}`);
  }
  return value as Fields;
}

function list(value: unknown, name: string, length: number | undefined, most = LEVELS): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array`);
  if (length === undefined ? !(value.length <= most) : !(value.length === length)) {
    throw new RangeError(`${name} must have ${length ?? `at most ${most}`} entries, got ${value.length}`);
  }
  return value;
}

const number = (value: unknown, name: string) => Math.fround(real(value, name, -LARGEST, LARGEST));

/** Finite numbers that never fall within each run of `run` entries. */
function edges(value: unknown, name: string, length?: number, run = Infinity, most = LEVELS): Float32Array {
  const out = Float32Array.from(list(value, name, length, most), (x, i) => number(x, `${name}[${i}]`));
  for (let i = 1; i < out.length; i++) {
    if (i % run !== 0 && !(out[i] >= out[i - 1])) {
      throw new RangeError(`${name} must ascend, but ${name}[${i}] = ${out[i]} follows ${out[i - 1]}`);
    }
  }
  return out;
}

/** `low` never above `high`. */
function ordered<T extends Float32Array | Uint32Array>(low: T, high: T): T {
  for (let i = 0; i < high.length; i++) {
    if (!(low[i] <= high[i]))
      throw new RangeError(`low[${i}] must be at most high[${i}] = ${high[i]}, got ${low[i]}`);
  }
  return low;
}

/** Rule, card and limit of a parsed JSON, every value checked. */
export function readPolicy(json: unknown): {
  rule: LevelRule | NestedRule;
  card: PolicyCard;
  uncertaintyAbove: number;
} {
  const top = fields(json, 'policy', ['format', 'version', 'card', 'rule'], ['uncertaintyAbove']);
  oneOf(top.format, 'policy.format', [FORMAT]);
  if (!(top.version === VERSION)) {
    throw new RangeError(
      `policy.version must be ${VERSION}, the only one this release reads, got ${String(top.version)}`,
    );
  }
  const uncertaintyAbove =
    top.uncertaintyAbove === undefined ? Infinity : number(top.uncertaintyAbove, 'policy.uncertaintyAbove');
  return { rule: readRule(top.rule), card: readCard(top.card), uncertaintyAbove };
}

function readRule(value: unknown): LevelRule | NestedRule {
  const kind = oneOf((value as Fields | null)?.kind, 'rule.kind', ['levels', 'score-first'] as const);
  if (kind === 'levels') {
    const rule = fields(value, 'rule', ['kind', 'edges', 'high'], ['low']);
    const cuts = edges(rule.edges, 'edges');
    const thresholds = (x: unknown, name: string) =>
      Float32Array.from(list(x, name, cuts.length + 1), (t, i) =>
        t === null ? Infinity : number(t, `${name}[${i}]`),
      );
    const high = thresholds(rule.high, 'high');
    const low = rule.low === undefined ? high : ordered(thresholds(rule.low, 'low'), high);
    return { kind, edges: cuts, high, low };
  }
  const rule = fields(value, 'rule', ['kind', 'outer', 'inner', 'high'], ['low']);
  const outer = edges(rule.outer, 'outer');
  const bins = outer.length + 1;
  const first = (x: unknown, name: string, length?: number) =>
    Uint32Array.from(list(x, name, length), (b, i) => integer(b, `${name}[${i}]`, 0, bins));
  const high = first(rule.high, 'high');
  if (!(high.length > 0)) throw new RangeError('high must have at least one level');
  const run = high.length - 1;
  const inner = edges(rule.inner, 'inner', bins * run, Math.max(run, 1));
  const low = rule.low === undefined ? high : ordered(first(rule.low, 'low', high.length), high);
  return { kind, outer, inner, high, low };
}

function readCard(value: unknown): PolicyCard {
  const optional = ['precision', 'recall', 'confidence', 'certified', 'statement', 'rows'];
  const card = fields(value, 'card', ['method'], optional);
  const text = (x: unknown, name: string) => {
    if (typeof x !== 'string') throw new TypeError(`card.${name} must be text`);
    if (!(x.length <= 2000)) throw new RangeError(`card.${name} must have at most 2000 characters`);
    return x;
  };
  const share = (name: string) => {
    if (card[name] === undefined) return undefined;
    const value = real(card[name], `card.${name}`);
    if (!(value > 0 && value < 1))
      throw new RangeError(`card.${name} must be above 0 and below 1, got ${value}`);
    return value;
  };
  const out: PolicyCard = { method: text(card.method, 'method') };
  for (const name of ['precision', 'recall', 'confidence'] as const) {
    const found = share(name);
    if (found !== undefined) out[name] = found;
  }
  if (card.certified !== undefined) out.certified = flag(card.certified, 'card.certified');
  if (card.statement !== undefined) out.statement = text(card.statement, 'statement');
  if (card.rows !== undefined) out.rows = integer(card.rows, 'card.rows', 0);
  return out;
}
