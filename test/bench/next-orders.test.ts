import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeCarts, logSums, maximum, mean, mixture } from '../../bench/rooms/carts.ts';
import { basketsOf, type Lines, linesBetween, nextOrders } from '../../bench/rooms/next-orders.ts';
import { cosines, orderCounts, popularity } from '../../bench/rooms/order-counts.ts';

const DAY = 86_400;

/** Rows of [customer, order, item, day]. */
function linesOf(rows: readonly (readonly [number, number, number, number])[]): Lines {
  const column = (i: number) => Float64Array.from(rows, (row) => row[i]);
  return {
    customer: column(0),
    order: column(1),
    item: column(2),
    time: Float64Array.from(rows, ([, order, , day]) => day * DAY + order),
  };
}

const lines = linesOf([
  [7, 1, 0, 1],
  [7, 2, 1, 1],
  [7, 3, 2, 5],
  [7, 3, 0, 5],
  [7, 4, 1, 9],
  [7, 4, 3, 9],
  [8, 5, 0, 6],
  [8, 6, 0, 8],
]);

test('a query is a basket after the cut whose next basket holds something new', () => {
  const days = basketsOf(lines, 'day');
  assert.equal(
    [...days.values()].map((list) => list.map(({ items }) => items)),
    [
      [
        [0, 1],
        [2, 0],
        [1, 3],
      ],
      [[0], [0]],
    ],
  );
  assert.is(basketsOf(lines, 'order').get(7)?.length, 4);
  const queries = nextOrders(days, 5 * DAY, 20 * DAY);
  assert.equal(
    queries.map(({ customer, context, truth }) => [customer, context, truth]),
    [[7, [2, 0], [3]]],
    'what was bought before the cut is not new; a repeat alone is no query',
  );
  assert.equal([...queries[0].bought].sort(), [0, 1, 2]);
  assert.is(nextOrders(days, 5 * DAY, 9 * DAY).length, 0, 'an answer after the end is not known');
  assert.is(Math.max(...linesBetween(lines, 0, 5 * DAY).time) < 5 * DAY, true);
});

test('counts see each basket once and the next basket only what is new', () => {
  const lists = [...basketsOf(lines, 'day').values()];
  const { baskets, together, next } = orderCounts(lists, 4, 10 * DAY);
  assert.equal([...baskets], [4, 2, 1, 1]);
  assert.equal([...together], [0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0]);
  assert.equal([...next], [0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  assert.equal([...popularity(lists, 4, 10 * DAY, 4)], [2, 1, 0, 1]);
  const half = orderCounts(lists, 4, 9 * DAY + 4, 4);
  assert.ok(Math.abs(half.baskets[3] - 1) < 1e-12 && Math.abs(half.together[2] - 0.5) < 1e-4);
  assert.ok(Math.abs(cosines(together, baskets)[1] - 1 / Math.sqrt(15)) < 1e-7);
});

test('rules of carts agree on a cart of one, and recall counts what is not bought', () => {
  const scores = Float32Array.from([9, 1, 2, 3, 1, 9, 5, 2, 0, 0, 9, 0, 4, 1, 1, 9]);
  const sums = logSums(scores);
  for (const rule of [mean, mixture, maximum]) {
    const z = rule([0], scores, sums);
    assert.ok(z[3] > z[2] && z[2] > z[1]);
  }
  assert.ok(
    Math.abs(
      Math.exp(mixture([0, 1], scores, sums)[2]) - (Math.exp(2 - sums[0]) + Math.exp(5 - sums[1])) / 2,
    ) < 1e-9,
  );
  const query = { customer: 1, time: 0, context: [0], bought: new Set([0]), truth: [3] };
  const many = Array.from({ length: 30 }, (_, v) => -v);
  assert.equal([...judgeCarts([{ ...query, truth: [20, 21] }], () => many).recall], [0.5]);
  assert.equal([...judgeCarts([query], () => many).hit], [1]);
  assert.throws(() => judgeCarts([query], () => [NaN, 0, 0, 0]), /not a number/);
});

test.run();
