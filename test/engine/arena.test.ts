import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena, type ElementType, type Slice } from '../../src/engine/arena.ts';

const arena = () => new Arena(new WebAssembly.Memory({ initial: 1 }));
const TYPES: ElementType[] = ['f32', 'f64', 'i32', 'u32', 'u8'];

test('slices are zeroed, aligned to 16 bytes, apart from each other and never at 0', () => {
  const a = arena();
  const slices: Slice[] = [];
  for (const type of TYPES) for (const length of [1, 3, 4, 17, 100]) slices.push(a.alloc(type, length));
  slices.sort((x, y) => x.ptr - y.ptr);
  slices.forEach((s, i) => {
    assert.ok(s.ptr > 0 && s.ptr % 16 === 0);
    assert.is(s.array.length, s.length);
    assert.is(s.array.byteLength, s.bytes);
    assert.ok(s.array.every((x) => x === 0));
    if (i > 0) assert.ok(slices[i - 1].ptr + slices[i - 1].bytes <= s.ptr);
    s.fill(7);
  });
  for (const s of slices) assert.ok(s.array.every((x) => x === 7));
});

test('released space is zeroed when it is handed out again', () => {
  const a = arena();
  const first = a.alloc('u32', 100).fill(0xffffffff);
  a.release(first);
  const second = a.alloc('f32', 100);
  assert.is(second.ptr, first.ptr);
  assert.ok(second.array.every((x) => x === 0));
});

test('neighbours merge in every order of release', () => {
  const orders = [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [0, 2, 1, 3],
    [1, 3, 0, 2],
    [2, 0, 3, 1],
  ];
  for (const order of orders) {
    const a = arena();
    const whole = 65536 - 1024;
    const four = [0, 1, 2, 3].map(() => a.alloc('u8', whole / 4));
    for (const i of order) a.release(four[i]);
    const again = a.alloc('u8', whole);
    assert.is(again.ptr, four[0].ptr, 'one stretch again');
    assert.is(a.stats().memoryBytes, 65536, 'without growing');
  }
});

test('a gap is filled by the first slice that fits', () => {
  const a = arena();
  const [first, second] = [a.alloc('u8', 160), a.alloc('u8', 160), a.alloc('u8', 160)];
  a.release(second);
  assert.ok(a.alloc('u8', 161).ptr > second.ptr);
  assert.is(a.alloc('u8', 96).ptr, second.ptr);
  assert.is(a.alloc('u8', 64).ptr, second.ptr + 96);
  a.release(first);
  assert.is(a.alloc('u8', 160).ptr, first.ptr);
});

test('growth detaches an old view and .array gives a new one with the same numbers', () => {
  const a = arena();
  const slice = a.alloc('f32', 4).set([1, 2, 3, 4]);
  const before = slice.array;
  assert.is(slice.array, before, 'the view is kept while memory stays');
  const big = a.alloc('f64', 100_000);
  assert.is(before.length, 0);
  assert.equal([...slice.array], [1, 2, 3, 4]);
  assert.ok(big.array.every((x) => x === 0));
  assert.ok(a.stats().memoryBytes >= 800_000);
});

test('growth by someone else leaves the arena intact', () => {
  const a = arena();
  const slice = a.alloc('u8', 60_000).fill(1);
  a.memory.grow(3);
  const next = a.alloc('u8', 300_000).fill(2);
  assert.ok(slice.array.every((x) => x === 1) && next.array.every((x) => x === 2));
});

test('a slice is released once; a stale one cannot release the next owner of its address', () => {
  const a = arena();
  const first = a.alloc('f32', 8);
  a.release(first);
  const notLive = (e: Error) => e.constructor === Error && /not live/.test(e.message);
  assert.throws(() => a.release(first), notLive);
  const second = a.alloc('f32', 8);
  assert.is(second.ptr, first.ptr);
  assert.throws(() => a.release(first), notLive);
  assert.throws(() => a.release(second.part(0, 4)), notLive);
  assert.throws(() => arena().release(second), notLive);
  assert.equal(a.stats().slices, 1);
  a.release(second);
});

test('a part is a window; outside, fractions and NaN are refused', () => {
  const a = arena();
  const slice = a.alloc('u32', 10).set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const part = slice.part(3, 4);
  assert.equal([...part.array], [3, 4, 5, 6]);
  assert.is(part.ptr, slice.ptr + 12);
  part.fill(0);
  assert.equal([...slice.array], [0, 1, 2, 0, 0, 0, 0, 7, 8, 9]);
  assert.is(slice.part(10, 0).length, 0);
  assert.equal([...part.part(3, 1).set([5]).array], [5]);
  assert.is(slice.array[6], 5);
  for (const [start, length] of [
    [8, 3],
    [-1, 2],
    [0, -1],
    [0.5, 1],
    [0, 1.5],
    [NaN, 1],
    [0, NaN],
  ]) {
    assert.throws(
      () => slice.part(start, length),
      (e: Error) => e instanceof RangeError,
    );
  }
});

test('copy lives outside the arena; set refuses what does not fit', () => {
  const slice = arena().alloc('i32', 3).set([-1, 2, -3]);
  const copy = slice.copy();
  slice.fill(9);
  assert.equal([...copy], [-1, 2, -3]);
  assert.throws(
    () => slice.set([1, 2, 3, 4]),
    (e: Error) => e instanceof RangeError,
  );
});

test('empty slices have addresses of their own and can be released', () => {
  const a = arena();
  const [x, y] = [a.alloc('f32', 0), a.alloc('f32', 0)];
  assert.is.not(x.ptr, y.ptr);
  assert.is(x.array.length, 0);
  a.release(x);
  a.release(y);
  assert.is(a.stats().usedBytes, 0);
});

test('a length that is no whole number, or past 4 GiB, is a RangeError and takes nothing', () => {
  const a = arena();
  for (const length of [-1, 0.5, NaN, Infinity, undefined, '4', 2 ** 32, 2 ** 30]) {
    assert.throws(
      () => a.alloc('f32', length as number),
      (e: Error) => e instanceof RangeError && /^length must be a whole number of f32/.test(e.message),
    );
  }
  assert.equal(a.stats(), { memoryBytes: 65536, usedBytes: 0, peakBytes: 0, slices: 0 });
});

test('out of memory is a RangeError, and the arena goes on working', () => {
  const a = new Arena(new WebAssembly.Memory({ initial: 1, maximum: 4 }));
  const kept = a.alloc('u8', 50_000).fill(3);
  const refused = (e: Error) =>
    e instanceof RangeError && /^out of memory: 300000 bytes asked/.test(e.message);
  assert.throws(() => a.alloc('u8', 300_000), refused);
  // The quarter more than asked does not fit, what is asked does.
  const last = a.alloc('u8', 4 * 65536 - 1024 - 50_000);
  assert.is(a.stats().memoryBytes, 4 * 65536);
  assert.throws(
    () => a.alloc('u8', 3_000),
    (e: Error) => e instanceof RangeError,
  );
  assert.ok(kept.array.every((x) => x === 3));
  a.release(last);
  assert.ok(a.alloc('u8', 3_000).ptr > 0);
});

test('out of memory near 4 GiB is a RangeError too', () => {
  const a = arena();
  a.memory.grow(65_000); // Reserved, not touched.
  assert.throws(
    () => a.alloc('f32', 2 ** 28),
    (e: Error) => e instanceof RangeError && /4 GiB/.test(e.message),
  );
});

test('stats count used bytes, their peak and the slices', () => {
  const a = arena();
  const [x, y] = [a.alloc('f32', 5), a.alloc('f64', 2)];
  assert.equal(a.stats(), { memoryBytes: 65536, usedBytes: 48, peakBytes: 48, slices: 2 });
  a.release(x);
  assert.equal(a.stats(), { memoryBytes: 65536, usedBytes: 16, peakBytes: 48, slices: 1 });
  a.release(y);
});

test('3,000 random allocations and releases never overlap and end as one stretch', () => {
  const a = arena();
  const live: { slice: Slice<'u8'>; mark: number }[] = [];
  let state = 12345;
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  for (let step = 0; step < 3000; step++) {
    if (live.length > 0 && random(2) === 0) {
      const [{ slice, mark }] = live.splice(random(live.length), 1);
      assert.ok(slice.array.every((x) => x === mark));
      a.release(slice);
    } else {
      const mark = 1 + random(255);
      live.push({ slice: a.alloc('u8', random(3000)).fill(mark), mark });
    }
  }
  for (const { slice, mark } of live) {
    assert.ok(slice.array.every((x) => x === mark));
    a.release(slice);
  }
  const { memoryBytes, usedBytes, slices } = a.stats();
  assert.equal([usedBytes, slices], [0, 0]);
  a.alloc('u8', memoryBytes - 1024);
  assert.is(a.stats().memoryBytes, memoryBytes, 'all of it is one free stretch');
});

test.run();
