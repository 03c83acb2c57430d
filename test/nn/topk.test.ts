import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bitset } from '../../src/nn/bitset.ts';
import { NONE, topK, topKRow } from '../../src/nn/topk.ts';
import { engine } from '../helpers/kernel.ts';

test('Bitset sets, clears and has, at both ends of a word', () => {
  const set = Bitset.of(65, [0, 31, 32, 64]);
  for (let i = 0; i < 65; i++) assert.is(set.has(i), [0, 31, 32, 64].includes(i));
  set.clear(31);
  assert.not(set.has(31));
  assert.ok(set.has(0) && set.has(32));
  assert.is(new Bitset(0).words.length, 0);
});

test('topK finds the items along each query, passing over the excluded', () => {
  engine.scope((scope) => {
    const items = scope.from('f32', [1, 0, 0, 1, 2, 0, 0, 2]);
    const queries = scope.from('f32', [1, 0, 0, 1]);
    const search = { queries, queryCount: 2, items, itemCount: 4, d: 2, k: 2 };
    assert.equal([...topK(engine, search).ids], [2, 0, 3, 1]);
    assert.equal([...topK(engine, search).scores], [2, 1, 2, 1]);
    assert.equal([...topK(engine, { ...search, exclude: Bitset.of(4, [2]) }).ids], [0, 1, 3, 1]);
    const each = [Bitset.of(4, [2]), Bitset.of(4, [0, 1, 3])];
    assert.equal([...topK(engine, { ...search, exclude: each }).ids], [0, 1, 2, NONE]);
    const bias = scope.from('f32', [5, 0, 0, 0]);
    assert.equal([...topK(engine, { ...search, bias }).ids], [0, 2, 0, 3]);
    assert.throws(() => topK(engine, { ...search, exclude: each.slice(1) }), /2 sets/);
    assert.throws(() => topK(engine, { ...search, exclude: new Bitset(5) }), /size 4/);
  });
});

test('topKRow picks from a row of scores', () => {
  engine.scope((scope) => {
    const row = scope.from('f32', [0.5, Number.NaN, 3, 3, 1]);
    assert.equal([...topKRow(engine, row, 3).ids], [2, 3, 4]);
    assert.equal([...topKRow(engine, row, 3, Bitset.of(5, [2])).ids], [3, 4, 0]);
  });
});

test.run();
