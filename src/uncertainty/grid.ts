import { integer, oneOf, options, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { type GridOptions, gridDefaults, type Nesting } from './grid-options.ts';
import type { Rows } from './holdout.ts';
import { ascending } from './order.ts';

/**
 * A frozen grid over (score, uncertainty). A value on an edge lies above it, so rows of one score are never parted; a
 * repeated edge makes an empty bin. Level 0 is the surest, bin 0 the lowest.
 */
export interface Grid {
  readonly nesting: Nesting;
  readonly levels: number;
  readonly bins: number;
  /** Uncertainty-first: levels - 1 edges of uncertainty. Score-first: bins - 1 edges of score. */
  readonly outer: Float32Array;
  /** Uncertainty-first: bins - 1 edges of score for each level. Score-first: levels - 1 of uncertainty for each bin. */
  readonly inner: Float32Array;
}

/** Sums over a grid's cells, [level x bins + bin]. */
export interface GridTable {
  readonly grid: Grid;
  /** Sum of weight x label. */
  readonly positives: Float64Array;
  /** Sum of weight x cost: plain rows when there are neither. */
  readonly weights: Float64Array;
}

export function gridOptions(given: Partial<GridOptions> | undefined): GridOptions {
  const o = options<GridOptions>(given, gridDefaults, 'grid');
  integer(o.levels, 'levels', 1, 1000);
  integer(o.bins, 'bins', 2, 100_000);
  integer(o.levels * o.bins, 'levels x bins', 2, 1_000_000);
  oneOf(o.nesting, 'nesting', ['uncertainty-first', 'score-first']);
  oneOf(o.edges, 'edges', ['tail', 'count', 'width']);
  real(o.tail, 'tail', 1e-9, 0.5);
  return o;
}

/** Quantiles of the inner edges of score, ascending. */
function quantiles(engine: Engine, o: GridOptions, count: number): Float64Array {
  if (o.edges !== 'tail') return Float64Array.from({ length: count }, (_, i) => (i + 1) / (count + 1));
  const { expF64, logF64 } = engine.kernels;
  const step = logF64(o.tail) / count;
  return Float64Array.from({ length: count }, (_, i) => 1 - expF64(step * (i + 1)));
}

/** Edges at quantiles of `length` ascending values, or at equal steps of their range. */
function edgesOf(
  ascendingAt: (i: number) => number,
  length: number,
  at: Float64Array,
  width: boolean,
): Float32Array {
  if (length === 0) return new Float32Array(at.length);
  const low = ascendingAt(0);
  const span = ascendingAt(length - 1) - low;
  return Float32Array.from(at, (q) =>
    width ? low + q * span : ascendingAt(Math.min(length - 1, Math.floor(q * length))),
  );
}

/** A grid with edges at quantiles (or steps) of these rows. RangeError when an uncertainty level would be empty. */
export function fitGrid(engine: Engine, rows: Rows, given?: Partial<GridOptions>): Grid {
  const o = gridOptions(given);
  const { levels, bins } = o;
  const scoreFirst = o.nesting === 'score-first';
  const [first, second] = scoreFirst ? [rows.score, rows.uncertainty] : [rows.uncertainty, rows.score];
  const even = Float64Array.from({ length: levels - 1 }, (_, i) => (i + 1) / levels);
  const fine = quantiles(engine, o, bins - 1);
  const [outerAt, innerAt] = scoreFirst ? [fine, even] : [even, fine];
  const [pieces, width] = [outerAt.length + 1, o.edges === 'width'];

  const byFirst = ascending(engine, first);
  const outer = edgesOf((i) => first[byFirst[i]], rows.n, outerAt, width);
  // Each piece's rows in the order of the other number: one stable pass over its order.
  const ends = new Uint32Array(pieces);
  const piece = new Uint32Array(rows.n);
  for (let i = 0, at = 0; i < rows.n; i++) {
    const row = byFirst[i];
    while (at < pieces - 1 && first[row] >= outer[at]) at++;
    piece[row] = at;
    ends[at]++;
  }
  if (!scoreFirst) nonEmpty(ends, levels);
  for (let p = 1; p < pieces; p++) ends[p] += ends[p - 1];
  const starts = Uint32Array.from(ends, (_, p) => (p === 0 ? 0 : ends[p - 1]));
  const sorted = new Float32Array(rows.n);
  const next = starts.slice();
  for (const row of ascending(engine, second)) sorted[next[piece[row]]++] = second[row];
  const inner = new Float32Array(pieces * innerAt.length);
  for (let p = 0; p < pieces; p++) {
    inner.set(
      edgesOf((i) => sorted[starts[p] + i], ends[p] - starts[p], innerAt, width),
      p * innerAt.length,
    );
  }
  const grid = { nesting: o.nesting, levels, bins, outer, inner };
  if (scoreFirst) {
    const { weights } = countGrid(engine, grid, { ...rows, weight: undefined, cost: undefined });
    nonEmpty(
      Uint32Array.from({ length: levels }, (_, i) =>
        weights.subarray(i * bins, (i + 1) * bins).reduce((sum, w) => sum + w, 0),
      ),
      levels,
    );
  }
  return grid;
}

function nonEmpty(rows: Uint32Array, levels: number): void {
  const empty = rows.indexOf(0);
  if (empty >= 0) {
    const used = rows.reduce((sum, n) => sum + Number(n > 0), 0);
    throw new RangeError(
      `levels must all hold rows, but uncertainty level ${empty + 1} of ${levels} is empty: too many rows share an` +
        ` uncertainty; ask for ${used} level${used > 1 ? 's' : ''} or fewer`,
    );
  }
}

/** Positives and weights of the rows in each cell of a grid. */
export function countGrid(
  engine: Engine,
  grid: Grid,
  rows: Pick<Rows, 'n' | 'score' | 'uncertainty' | 'label' | 'weight' | 'cost'>,
): GridTable {
  const { levels, bins } = grid;
  return engine.scope((scope) => {
    const ptr = (x: Float32Array | undefined) => (x ? scope.from('f32', x).ptr : 0);
    const positives = scope.alloc('f64', levels * bins);
    const weights = scope.alloc('f64', levels * bins);
    engine.kernels.gridHistogram(
      positives.ptr,
      weights.ptr,
      ptr(rows.score),
      ptr(rows.uncertainty),
      ptr(rows.label),
      ptr(rows.weight),
      ptr(rows.cost),
      ptr(grid.outer),
      ptr(grid.inner),
      rows.n,
      levels,
      bins,
      Number(grid.nesting === 'score-first'),
    );
    return { grid, positives: positives.copy(), weights: weights.copy() };
  });
}
