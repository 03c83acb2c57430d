import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

/** Which operand is stored transposed: NN a[m x k] b[k x n], NT a[m x k] b[n x k], TN a[k x m] b[k x n]. */
export type GemmForm = 'NN' | 'NT' | 'TN';

/** Floats of scratch that `gemm` needs for these sizes, whatever the form. */
export function gemmScratch(engine: Engine, m: number, k: number, n: number): number {
  return engine.kernels.gemmScratch(m, k, n);
}

/**
 * c[m x n] = beta c + a b, with a and b stored as `form` says. beta 0 overwrites, even NaN. `scratch` holds at least
 * `gemmScratch` floats; without it the engine lends some for the call. c must not overlap a, b or scratch.
 */
export function gemm(
  engine: Engine,
  form: GemmForm,
  c: Slice<'f32'>,
  a: Slice<'f32'>,
  b: Slice<'f32'>,
  m: number,
  k: number,
  n: number,
  beta = 0,
  scratch?: Slice<'f32'>,
): void {
  if (scratch === undefined) {
    engine.scope((scope) => {
      gemm(engine, form, c, a, b, m, k, n, beta, scope.scratch(gemmScratch(engine, m, k, n)));
    });
    return;
  }
  const { gemmNN, gemmNT, gemmTN } = engine.kernels;
  const kernel = form === 'NN' ? gemmNN : form === 'NT' ? gemmNT : gemmTN;
  kernel(c.ptr, a.ptr, b.ptr, scratch.ptr, m, k, n, beta);
}

/** x[rows x d] = `row` in every row, by doubling copies: the start of a layer with a bias. */
export function repeatRow(x: Slice<'f32'>, row: Slice<'f32'>, rows: number): void {
  const to = x.array;
  if (rows > 0) to.set(row.array);
  const d = row.length;
  for (let done = 1; done < rows; done *= 2) to.copyWithin(done * d, 0, Math.min(done, rows - done) * d);
}
