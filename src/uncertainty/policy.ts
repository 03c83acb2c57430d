import { numbers, oneOf, sized } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { column } from './holdout.ts';
import { type PolicyJson, readPolicy, writePolicy } from './policy-json.ts';
import { upperBound } from './search.ts';

export type Decision = 'positive' | 'negative' | 'abstain';
/** What `decideBatch` writes for each decision. */
export const DECISIONS: readonly Decision[] = ['negative', 'positive', 'abstain'];

/** One threshold of score for each level of uncertainty. */
export interface LevelRule {
  kind: 'levels';
  /** Ascending edges of uncertainty; a value on an edge lies above it. */
  edges: Float32Array;
  /** Positive from here; Infinity is never. */
  high: Float32Array;
  /** Abstain from here up to `high`; equal to `high` where there is no third answer. */
  low: Float32Array;
}

/** The first positive bin of score for each level, where the levels are cut inside each bin of score. */
export interface NestedRule {
  kind: 'score-first';
  /** Ascending edges of score, and levels - 1 edges of uncertainty for each bin. */
  outer: Float32Array;
  inner: Float32Array;
  high: Uint32Array;
  low: Uint32Array;
}

/** What a reader should know of a policy; nothing here changes a decision. */
export interface PolicyCard {
  method: string;
  precision?: number;
  recall?: number;
  confidence?: number;
  certified?: boolean;
  statement?: string;
  rows?: number;
}

const CHUNK = 1 << 16;

/** A frozen decision over (score, uncertainty): a few numbers that run anywhere, without the engine or the model. */
export class ThresholdPolicy {
  constructor(
    readonly rule: LevelRule | NestedRule,
    readonly card: PolicyCard,
    /** Abstain above this uncertainty, whatever the score. */
    readonly uncertaintyAbove = Infinity,
  ) {
    checkRule(rule);
    if (!(uncertaintyAbove >= -Infinity))
      throw new RangeError(`uncertaintyAbove must be a number, got ${uncertaintyAbove}`);
  }

  /** Whether a decision looks at the uncertainty at all. */
  get usesUncertainty(): boolean {
    return this.rule.high.length > 1 || this.uncertaintyAbove < Infinity;
  }

  /** One decision. RangeError when a number is not finite; TypeError when an uncertainty is needed and missing. */
  decide(score: number, uncertainty?: number): Decision {
    const s = finite(score, 'score');
    if (uncertainty === undefined && this.usesUncertainty) {
      throw new TypeError(
        'uncertainty must be given: this policy has a threshold for each uncertainty level',
      );
    }
    const u = uncertainty === undefined ? 0 : finite(uncertainty, 'uncertainty');
    if (u > this.uncertaintyAbove) return 'abstain';
    const rule = this.rule;
    let at: number;
    let level: number;
    if (rule.kind === 'levels') {
      at = s;
      level = upperBound(rule.edges, 0, rule.edges.length, u);
    } else {
      const edges = rule.high.length - 1;
      at = upperBound(rule.outer, 0, rule.outer.length, s);
      level = upperBound(rule.inner, at * edges, edges, u);
    }
    return at >= rule.high[level] ? 'positive' : at >= rule.low[level] ? 'abstain' : 'negative';
  }

  /**
   * Decisions of many rows: 0 negative, 1 positive, 2 abstain; bit for bit those of `decide`. RangeError names the
   * first row that is not finite. `out` saves the allocation. About 100 M rows/s from Float32Arrays.
   */
  decideBatch(
    engine: Engine,
    score: ArrayLike<number>,
    uncertainty?: ArrayLike<number>,
    out = new Uint8Array(score?.length ?? 0),
  ): Uint8Array {
    checkEngine(engine);
    const n = score?.length;
    numbers(score, 'score', n);
    if (!(out instanceof Uint8Array)) throw new TypeError('out must be a Uint8Array');
    if (uncertainty === undefined && this.usesUncertainty) {
      throw new TypeError(
        'uncertainty must be given: this policy has a threshold for each uncertainty level',
      );
    }
    const s = floats(score, 'score', n);
    const u = uncertainty && floats(uncertainty, 'uncertainty', n);
    if (!(out.length === n)) throw new RangeError(`out must have ${n} entries, got ${out.length}`);
    const { rule, uncertaintyAbove } = this;
    engine.scope((scope) => {
      const size = Math.min(n, CHUNK);
      const scores = scope.alloc('f32', size);
      const uncertainties = scope.alloc('f32', size);
      const answers = scope.alloc('u8', size);
      const rows = [answers.ptr, scores.ptr, uncertainties.ptr] as const;
      let run: (n: number) => number;
      if (rule.kind === 'levels') {
        const parts = [rule.edges, rule.high, rule.low].map((x) => scope.from('f32', x).ptr);
        run = (count) =>
          engine.kernels.decideLevels(
            ...rows,
            ...(parts as [number, number, number]),
            count,
            rule.high.length,
            uncertaintyAbove,
          );
      } else {
        const edges = [rule.outer, rule.inner].map((x) => scope.from('f32', x).ptr);
        const bounds = [rule.high, rule.low].map((x) => scope.from('u32', x).ptr);
        const parts = [...edges, ...bounds] as [number, number, number, number];
        const bins = rule.outer.length + 1;
        run = (count) =>
          engine.kernels.decideNested(...rows, ...parts, count, rule.high.length, bins, uncertaintyAbove);
      }
      for (let start = 0; start < n; start += CHUNK) {
        const count = Math.min(CHUNK, n - start);
        scores.array.set(s.subarray(start, start + count));
        if (u) uncertainties.array.set(u.subarray(start, start + count));
        const done = run(count);
        if (done < count) {
          const row = start + done;
          const name = Number.isFinite(s[row]) ? 'uncertainty' : 'score';
          throw new RangeError(
            `${name}[${row}] must be a finite number, got ${(name === 'score' ? s : u)?.[row]}`,
          );
        }
        out.set(answers.array.subarray(0, count), start);
      }
    });
    return out;
  }

  /** Plain JSON of a few hundred bytes to a few kilobytes. */
  toJSON(): PolicyJson {
    return writePolicy(this);
  }

  /** The policy of a parsed JSON. TypeError or RangeError names what is wrong; nothing is taken on trust. */
  static fromJSON(json: unknown): ThresholdPolicy {
    const { rule, card, uncertaintyAbove } = readPolicy(json);
    return new ThresholdPolicy(rule, card, uncertaintyAbove);
  }
}

/** The kernels trust the lengths of a rule. */
function checkRule(rule: LevelRule | NestedRule): void {
  const kind = oneOf(rule?.kind, 'rule.kind', ['levels', 'score-first'] as const);
  const [Values, parts] =
    kind === 'levels'
      ? ([Float32Array, ['edges', 'high', 'low']] as const)
      : ([Uint32Array, ['outer', 'inner', 'high', 'low']] as const);
  for (const part of parts) {
    const of = part === 'high' || part === 'low' ? Values : Float32Array;
    if (!((rule as unknown as Record<string, unknown>)[part] instanceof of)) {
      throw new TypeError(`rule.${part} must be a ${of.name}`);
    }
  }
  const levels = rule.high.length;
  if (!(levels > 0)) throw new RangeError('rule.high must have at least one level');
  sized(rule.low, 'rule.low', levels);
  if (rule.kind === 'levels') sized(rule.edges, 'rule.edges', levels - 1);
  else sized(rule.inner, 'rule.inner', (rule.outer.length + 1) * (levels - 1));
  for (const part of [rule.high, rule.low]) {
    if (part.some(Number.isNaN)) throw new RangeError('thresholds must be numbers, got NaN');
  }
}

function finite(value: number, name: string): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${typeof value}`);
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw new RangeError(`${name} must be a finite number, got ${value}`);
  return rounded;
}

/** Float32Arrays as they are (the kernel looks for NaN), anything else checked row by row. */
function floats(values: ArrayLike<number>, name: string, n: number): Float32Array {
  return values instanceof Float32Array && values.length === n ? values : column(values, name, n);
}
