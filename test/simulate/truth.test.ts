import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/engine/engine.ts';
import { delayLimit } from '../../src/simulate/families.ts';
import { secondsPerDay, shopOpens } from '../../src/simulate/orders.ts';
import { type Shop, simulateShop } from '../../src/simulate/shop.ts';

const engine = await Engine.create();

/** First day on which a customer buys a product, by customer x products + product. */
function firstDays({ orders, items }: Shop): Map<number, number> {
  const first = new Map<number, number>();
  orders.item.forEach((item, i) => {
    const key = orders.customer[i] * items.id.length + item;
    if (!first.has(key)) first.set(key, Math.floor((orders.time[i] - shopOpens) / secondsPerDay));
  });
  return first;
}

/** Buyers of each source who could still be followed to the limit, and how many bought the target after it in time. */
function followed(shop: Shop, row: number, first: Map<number, number>): [buyers: number, of: number] {
  const n = shop.items.id.length;
  const { source, target } = shop.truth;
  let buyers = 0;
  let then = 0;
  for (let c = 0; c < shop.options.customers; c++) {
    const bought = first.get(c * n + source[row]);
    if (bought === undefined || bought + delayLimit >= shop.options.days) continue;
    buyers++;
    const next = first.get(c * n + target[row]);
    if (next !== undefined && next > bought && next <= bought + delayLimit) then++;
  }
  return [buyers, then];
}

test('a model is followed by its own parts at exactly the stated probability', () => {
  // Without other purchases, a part has one cause only: the model.
  const shop = simulateShop(engine, { products: 120, customers: 12_000, background: 0, again: 0, seed: 11 });
  const first = firstDays(shop);
  let buyersOfAll = 0;
  let pairs = 0;
  let chi = 0;
  for (let row = 0; row < shop.truth.source.length; row++) {
    if (shop.truth.kind[row] !== 'accessory') continue;
    const p = shop.truth.strength[row];
    const [buyers, then] = followed(shop, row, first);
    const z = (then - buyers * p) / Math.sqrt(buyers * p * (1 - p));
    assert.ok(Math.abs(z) < 4.5, `${shop.items.name[shop.truth.target[row]]}: ${then} of ${buyers} for ${p}`);
    buyersOfAll += buyers;
    pairs++;
    chi += z * z;
  }
  assert.ok(pairs >= 50 && buyersOfAll > 40_000, `${pairs} pairs, ${buyersOfAll} buyers`);
  assert.ok(Math.abs(chi - pairs) < 4.5 * Math.sqrt(2 * pairs), `chi-square ${chi} for ${pairs} pairs`);
});

test('who owns a case buys its phone no more often than anybody, even when cases are bought for no reason', () => {
  const shop = simulateShop(engine, {
    products: 120,
    customers: 20_000,
    background: 60,
    impulse: 0,
    seed: 12,
  });
  const { items, truth, customers, options } = shop;
  const n = items.id.length;
  const first = firstDays(shop);
  const sold = new Float64Array(n);
  for (const item of shop.orders.item) sold[item]++;
  const allActivity = customers.activity.reduce((a, b) => a + b, 0);
  let expected = 0;
  let seen = 0;
  for (let row = 0; row < truth.source.length; row++) {
    const [phone, part] = [truth.source[row], truth.target[row]];
    if (truth.kind[row] !== 'accessory' || items.category[part] !== 'phone case') continue;
    for (let c = 0; c < options.customers; c++) {
      const caseDay = first.get(c * n + part);
      const phoneDay = first.get(c * n + phone) ?? Infinity;
      if (caseDay === undefined || phoneDay <= caseDay) continue;
      expected +=
        (sold[phone] * customers.activity[c] * (options.days - caseDay)) / options.days / allActivity;
      if (phoneDay < Infinity) seen++;
    }
  }
  assert.ok(expected > 50, `${expected} expected`);
  assert.ok(seen < expected + 4 * Math.sqrt(expected), `${seen} seen, ${expected} by chance`);
  assert.ok(seen > 0.5 * expected, `${seen} seen, ${expected} by chance: cases would keep phones away`);
});

test('the truth has directions: parts never lead to models, complements and substitutes go both ways', () => {
  const { truth, catalogue, items } = simulateShop(engine, { customers: 1 });
  const rows = new Map<string, number>();
  truth.source.forEach((u, i) => {
    rows.set(`${u},${truth.target[i]}`, i);
  });
  assert.is(rows.size, truth.source.length, 'each pair once');
  const kinds = new Set(truth.kind);
  assert.equal([...kinds].sort(), ['accessory', 'complement', 'consumable', 'generic', 'substitute']);
  let symmetric = 0;
  truth.source.forEach((u, i) => {
    const v = truth.target[i];
    const kind = truth.kind[i];
    const back = rows.get(`${v},${u}`);
    assert.ok(truth.strength[i] > 0 && truth.strength[i] < 1);
    if (kind === 'substitute') {
      assert.is(truth.strength[back!], truth.strength[i]);
      assert.is(truth.kind[back!], 'substitute');
      assert.is(items.category[u], items.category[v]);
    } else {
      assert.is(catalogue.isModel[v], 0, 'nothing leads to a model');
      if (kind !== 'complement') assert.is(back, undefined, `${items.name[v]} leads back`);
      else if (truth.strength[back!] === truth.strength[i]) symmetric++;
    }
    if (i > 0) assert.ok(u > truth.source[i - 1] || (u === truth.source[i - 1] && v > truth.target[i - 1]));
  });
  const complements = truth.kind.filter((kind) => kind === 'complement').length;
  assert.ok(symmetric >= 8 && symmetric === complements, `${symmetric} of ${complements} go both ways`);
  // A purchase causes fewer than one more of its own sort, so chains die out.
  catalogue.leads.forEach((leads, u) => {
    const total = leads.reduce((sum, { strength }) => sum + strength, 0);
    if (!catalogue.isModel[u]) assert.ok(total < 1, items.name[u]);
  });
});

test('also-viewed edges are the substitutes, the same both ways, as often as stated', () => {
  const shop = simulateShop(engine, { seed: 4 });
  const { alsoViewed, truth, orders, items } = shop;
  const strength = new Map<string, number>();
  truth.source.forEach((u, i) => {
    if (truth.kind[i] === 'substitute') strength.set(`${u},${truth.target[i]}`, truth.strength[i]);
  });
  const sold = new Float64Array(items.id.length);
  for (const item of orders.item) sold[item]++;
  const weight = new Map<string, number>();
  let expected = 0;
  let variance = 0;
  let seen = 0;
  alsoViewed.source.forEach((u, i) => {
    weight.set(`${u},${alsoViewed.target[i]}`, alsoViewed.weight[i]);
  });
  for (const [pair, w] of weight) {
    const [u, v] = pair.split(',').map(Number);
    assert.is(weight.get(`${v},${u}`), w);
    assert.ok(strength.has(pair) && Number.isInteger(w) && w > 0);
    seen += w;
  }
  for (const [pair, p] of strength) {
    const [u, v] = pair.split(',').map(Number);
    expected += p * (sold[u] + sold[v]);
    variance += 2 * p * (1 - p) * (sold[u] + sold[v]);
  }
  assert.ok(Math.abs(seen - expected) < 5 * Math.sqrt(variance), `${seen} seen, ${expected} expected`);
});

test.run();
