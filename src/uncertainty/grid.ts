import { integer, oneOf, options, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { type GridOptions, gridDefaults, LEVELS, type Nesting } from './grid-options.ts';
import type { Rows } from './holdout.ts';
import { ascending } from './order.ts';
import { lowerBound } from './search.ts';

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
  if (o.levels !== undefined) integer(o.levels, 'levels', 1, 1000);
  integer(o.bins, 'bins', 2, 100_000);
  integer((o.levels ?? LEVELS) * o.bins, 'levels x bins', 2, 1_000_000);
  oneOf(o.nesting, 'nesting', ['uncertainty-first', 'score-first']);
  oneOf(o.edges, 'edges', ['tail', 'count', 'width']);
  real(o.tail, 'tail', 1e-9, 0.5);
  return o;
}

/** Quantiles of the inner edges of score, ascending. */
function quantiles(engine: Engine, o: Pick<GridOptions, 'edges' | 'tail'>, count: number): Float64Array {
  if (o.edges !== 'tail') return Float64Array.from({ length: count }, (_, i) => (i + 1) / (count + 1));
  const { expF64, logF64 } = engine.kernels;
  const step = logF64(o.tail) / count;
  return Float64Array.from({ length: count }, (_, i) => 1 - expF64(step * (i + 1)));
}

/** The edge at a quantile of ascending values, or at that share of their range. */
function edgeAt(sorted: Float32Array, q: number, width: boolean): number {
  const { length } = sorted;
  if (length === 0) return 0;
  const low = sorted[0];
  if (width) return Math.fround(low + q * (sorted[length - 1] - low));
  return sorted[Math.min(length - 1, Math.floor(q * length))];
}

/** `second` in ascending order inside each piece that the edges cut of `first`: one stable pass over its order. */
function piecesOf(
  engine: Engine,
  first: Float32Array,
  order: Uint32Array,
  second: Float32Array,
  edges: Float32Array,
): Float32Array[] {
  const starts = new Uint32Array(edges.length + 2);
  const piece = new Uint32Array(first.length);
  let p = 0;
  for (const row of order) {
    while (p < edges.length && first[row] >= edges[p]) p++;
    piece[row] = p;
    starts[p + 1]++;
  }
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const sorted = new Float32Array(first.length);
  const next = starts.slice();
  for (const row of ascending(engine, second)) sorted[next[piece[row]]++] = second[row];
  return Array.from({ length: edges.length + 1 }, (_, i) => sorted.subarray(starts[i], starts[i + 1]));
}

/** Rows that can be cut into any number of levels: sorted once, however many numbers are tried. */
export interface LevelCuts {
  /** The first level that no row is in, -1 for none. Of one level there always is none. */
  empty(levels: number): number;
  grid(levels: number): Grid;
}

export function levelCuts(engine: Engine, rows: Rows, given?: Partial<GridOptions>): LevelCuts {
  const { bins, nesting, ...o } = gridOptions(given);
  const { score, uncertainty } = rows;
  const fine = quantiles(engine, o, bins - 1);
  const even = (levels: number) => Float64Array.from({ length: levels - 1 }, (_, i) => (i + 1) / levels);
  const width = o.edges === 'width';
  const cut = (sorted: Float32Array, at: Float64Array) =>
    Float32Array.from(at, (q) => edgeAt(sorted, q, width));
  const first = nesting === 'score-first' ? score : uncertainty;
  const order = ascending(engine, first);
  const sorted = new Float32Array(rows.n);
  for (let i = 0; i < rows.n; i++) sorted[i] = first[order[i]];
  if (nesting === 'score-first') {
    const outer = cut(sorted, fine);
    const pieces = piecesOf(engine, score, order, uncertainty, outer);
    return {
      empty: (levels) => emptyLevel(pieces, even(levels), width),
      grid: (levels) => ({
        nesting,
        levels,
        bins,
        outer,
        inner: joined(pieces.map((piece) => cut(piece, even(levels)))),
      }),
    };
  }
  const outer = (levels: number) => cut(sorted, even(levels));
  return {
    empty: (levels) => emptyLevel([sorted], even(levels), width),
    grid(levels) {
      const pieces = piecesOf(engine, uncertainty, order, score, outer(levels));
      const inner = joined(pieces.map((piece) => cut(piece, fine)));
      return { nesting, levels, bins, outer: outer(levels), inner };
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const { length } = parts[0];
  const out = new Float32Array(parts.length * length);
  parts.forEach((part, i) => {
    out.set(part, i * length);
  });
  return out;
}

/**
 * The first level that holds no value of any piece, each ascending and cut at `at`; -1 for none. Level by level: a level is
 * seen to hold rows in the first piece or two, so that a thousand numbers of levels can be tried.
 */
function emptyLevel(pieces: readonly Float32Array[], at: Float64Array, width: boolean): number {
  const below = (piece: Float32Array, level: number) => {
    if (level === 0) return 0;
    return level > at.length ? piece.length : lowerBound(piece, edgeAt(piece, at[level - 1], width));
  };
  for (let level = 0; level <= at.length; level++) {
    if (!pieces.some((piece) => below(piece, level + 1) > below(piece, level))) return level;
  }
  return -1;
}

/** The most levels up to `most` that all hold rows. Fewer need not do: a value of many rows may fall on their edges. */
export function mostLevels(cuts: readonly LevelCuts[], most: number): number {
  let levels = most;
  while (levels > 1 && cuts.some(({ empty }) => empty(levels) >= 0)) levels--;
  return levels;
}

/** The levels asked for, RangeError when one of them would be empty; as many up to `LEVELS` as hold rows for none asked for. */
export function heldLevels(cuts: readonly LevelCuts[], asked: number | undefined): number {
  const levels = mostLevels(cuts, asked ?? LEVELS);
  if (asked === undefined || levels === asked) return levels;
  const empty = cuts.map((cut) => cut.empty(asked)).find((level) => level >= 0) as number;
  throw new RangeError(
    `levels must all hold rows, but uncertainty level ${empty + 1} of ${asked} is empty: too many rows share an` +
      ` uncertainty; ask for ${levels === 1 ? '1 level' : `${levels} levels`}`,
  );
}

/** A grid with edges at quantiles (or steps) of these rows. RangeError when a level that was asked for would be empty. */
export function fitGrid(engine: Engine, rows: Rows, given?: Partial<GridOptions>): Grid {
  const cuts = levelCuts(engine, rows, given);
  return cuts.grid(heldLevels([cuts], given?.levels));
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
