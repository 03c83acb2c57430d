import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { type Argument, call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/directed-graph/message.ts';

const words = (edges: number) => new Uint32Array(Math.ceil(edges / 32)).fill(0xffffffff);

function mask(edges: number, rate65536: number, ...key: number[]) {
  const { result, after } = call('maskEdges', [
    words(edges),
    new Uint32Array(edges),
    edges,
    rate65536,
    ...key,
  ]);
  return { masked: after[0] as Uint32Array, held: (after[1] as Uint32Array).slice(0, result) };
}

for (const edges of [...LENGTHS, 31, 32, 33, 1000]) {
  test(`maskEdges edges=${edges}: stale bits are cleared, the list is the bits`, () => {
    for (const key of [
      [0, 0, 0],
      [42, 7, 0xffffffff],
    ]) {
      for (const rate of key[0] === 0 ? [32768] : [0, 1, 13107, 65535, 65536]) {
        const args = [words(edges), new Uint32Array(edges), edges, rate, ...key];
        sameAsTwin('maskEdges', twin.maskEdges, args);
        const { masked, held } = mask(edges, rate, ...key);
        const bits = Array.from({ length: edges }, (_, e) => e).filter(
          (e) => (masked[e >> 5] >>> (e & 31)) & 1,
        );
        assert.equal([...held], bits);
        if (rate === 0) assert.is(held.length, 0);
        if (rate === 65536) assert.is(held.length, edges);
      }
    }
  });
}

test('maskEdges holds out the asked fraction, evenly over the sixteen-bit lanes', () => {
  const edges = 1 << 17;
  for (const rate of [655, 6554, 32768]) {
    const { held } = mask(edges, rate, 42, rate, 1);
    const p = rate / 65536;
    const chi = (count: number, draws: number) => (count - draws * p) ** 2 / (draws * p * (1 - p));
    // Above 15.1 (one degree of freedom) and 31.9 (eight) once in 10,000.
    assert.ok(chi(held.length, edges) < 15.1, `${held.length} of ${edges} at ${p}`);
    const lanes = new Array<number>(8).fill(0);
    for (const e of held) lanes[e % 8]++;
    const each = lanes.reduce((sum, count) => sum + chi(count, edges / 8), 0);
    assert.ok(each < 31.9, `chi-square of the lanes ${each}`);
  }
});

test('maskEdges: the same key gives the same edges at any length, another key gives others', () => {
  const long = mask(1000, 32768, 42, 1, 2);
  const short = mask(500, 32768, 42, 1, 2);
  assert.equal([...short.held], [...long.held.filter((e) => e < 500)]);
  for (const key of [
    [43, 1, 2],
    [42, 2, 2],
    [42, 1, 3],
  ]) {
    const other = new Set(mask(1000, 32768, ...key).held);
    const both = long.held.filter((e) => other.has(e)).length;
    // 1000 edges, both held with probability 1/4: mean 250, standard deviation 13.7; four of them allowed.
    assert.ok(Math.abs(both - 250) < 55, `${both} in common under key ${key}`);
  }
});

/** A graph of rows x columns in CSR with empty rows, and an edge numbering that differs from the entry order. */
function csr(rows: number, columns: number) {
  const degrees = indices(rows, 9, 3);
  const indptr = new Uint32Array(rows + 1);
  for (let i = 0; i < rows; i++) indptr[i + 1] = indptr[i] + (i % 3 === 1 ? 0 : degrees[i]);
  const edges = indptr[rows];
  const edge = Uint32Array.from({ length: edges }, (_, e) => (edges - 1 - e) % Math.max(edges, 1));
  return {
    indptr,
    edges,
    edge,
    index: indices(edges, Math.max(columns, 1), 5),
    weight: numbers(edges, 6, 0.1, 2),
  };
}

for (const rows of LENGTHS) {
  test(`maskedDegrees and edgeWeights rows=${rows}, each pointer alone, none and all`, () => {
    const columns = 11;
    const { indptr, edges, edge, index, weight } = csr(rows, columns);
    const { masked } = mask(edges, 26214, 1, 2, 3);
    const rowScale = numbers(rows, 7, 0.1, 1);
    const columnScale = numbers(columns, 8, 0.1, 1);
    for (const bits of [0, 1, 2, 4, 8, 16, 31]) {
      const pick = <T extends Argument>(bit: number, a: T) => ((bits >> bit) & 1 ? a : null);
      const common = [pick(0, edge), pick(1, weight), pick(2, masked)];
      const tolerance = { relative: 1e-6 };
      if (bits < 8 || bits === 31) {
        const args = [new Float32Array(rows), indptr, ...common, rows];
        sameAsTwin('maskedDegrees', twin.maskedDegrees, args, tolerance);
      }
      const scales = [pick(3, rowScale), pick(4, columnScale)];
      const args = [new Float32Array(edges), indptr, index, ...common, ...scales, rows];
      sameAsTwin('edgeWeights', twin.edgeWeights, args, tolerance);
    }
  });
}

test('golden: three edges, one held out, normalised by the square roots of the degrees', () => {
  // Row 0 -> 0, 1; row 1 -> 1. Entry 1 is edge 2, which is held out.
  const indptr = Uint32Array.of(0, 2, 3);
  const index = Uint32Array.of(0, 1, 1);
  const edge = Uint32Array.of(0, 2, 1);
  const masked = Uint32Array.of(0b100);
  const weight = Float32Array.of(4, 5, 9);
  const degree = call('maskedDegrees', [new Float32Array(2), indptr, edge, weight, masked, 2]).after[0];
  close(degree as Float32Array, [4, 9]);
  const scale = (degree as Float32Array).map((x) => 1 / Math.sqrt(x));
  const out = call('edgeWeights', [
    new Float32Array(3),
    indptr,
    index,
    edge,
    weight,
    masked,
    scale,
    scale,
    2,
  ]);
  close(out.after[0] as Float32Array, [1, 0, 1], { absolute: 1e-6 });
});

test('a NaN weight is not read where its edge is held out', () => {
  const args = [Uint32Array.of(0, 3), Uint32Array.of(0, 1, 2), null, Float32Array.of(1, NaN, 2)];
  const out = call('edgeWeights', [new Float32Array(3), ...args, Uint32Array.of(0b010), null, null, 1]);
  close(out.after[0] as Float32Array, [1, 0, 2]);
  const open = call('edgeWeights', [new Float32Array(3), ...args, null, null, null, 1]);
  close(open.after[0] as Float32Array, [1, NaN, 2]);
});

test('the degree of a hub is a sum in f64', () => {
  const n = 200_000;
  const weight = numbers(n, 3, 0.9, 1.1);
  const args = [new Float32Array(1), Uint32Array.of(0, n), null, weight, null, 1];
  const exact = new Float64Array(1);
  twin.maskedDegrees(exact, Uint32Array.of(0, n), null, weight, null, 1);
  close(call('maskedDegrees', args).after[0] as Float32Array, exact, { relative: 6e-8 });
});

for (const n of LENGTHS) {
  test(`mix n=${n}, each pointer alone, none and all, and in place`, () => {
    const parts = [numbers(n, 1), numbers(n, 2), numbers(n, 3), numbers(n, 4)];
    for (const bits of [0, 1, 2, 4, 8, 15]) {
      const [base, a, b, c] = parts.map((x, k) => ((bits >> k) & 1 ? x : null));
      const rest = [n, 0.5, -2, 0.75];
      const tolerance = { absolute: 1e-6 };
      sameAsTwin('mix', twin.mix, [new Float32Array(n), base, a, b, c, ...rest], tolerance);
      if (bits === 15) {
        for (const y of parts) sameAsTwin('mix', twin.mix, [y, base, a, b, c, ...rest], tolerance);
      }
    }
  });
}

test('golden: mix by hand; NaN stays in its element', () => {
  const one = new Float32Array(5).fill(1);
  const nan = Float32Array.of(1, 1, NaN, 1, NaN);
  const { after } = call('mix', [new Float32Array(5), one, one, nan, one, 5, 2, 3, 4]);
  close(after[0] as Float32Array, [10, 10, NaN, 10, NaN]);
});

test.run();
