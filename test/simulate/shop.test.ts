import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/engine/engine.ts';
import { makeCatalogue } from '../../src/simulate/catalogue.ts';
import { fewestProducts } from '../../src/simulate/names.ts';
import { secondsPerDay, shopOpens } from '../../src/simulate/orders.ts';
import { type Shop, type ShopOptions, shopDefaults, simulateShop } from '../../src/simulate/shop.ts';

const engine = await Engine.create();
const small = { products: 120, customers: 500, days: 200, seed: 7 };

/** FNV-1a over the bytes of all number columns and the text of the names. */
function hash({ orders, items, truth, features, alsoViewed, customers }: Shop): string {
  let h = 0x811c9dc5;
  const add = (bytes: Uint8Array) => {
    for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  };
  for (const table of [orders, items, truth, features, alsoViewed, customers]) {
    for (const column of Object.values(table)) {
      if (ArrayBuffer.isView(column))
        add(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
      else add(new TextEncoder().encode(JSON.stringify(column)));
    }
  }
  return (h >>> 0).toString(16);
}

test('the same options give the same bits, on a fresh engine and a used one', async () => {
  const used = hash(simulateShop(engine, small));
  const fresh = hash(simulateShop(await Engine.create(), small));
  assert.is(used, fresh);
  assert.is(used, 'd6f252dc', 'the golden hash: change it only with the meaning of the simulation');
  assert.is(hash(simulateShop(engine)), '1ad23477');
});

test('another seed gives another shop with the same names', () => {
  const a = simulateShop(engine, small);
  const b = simulateShop(engine, { ...small, seed: 8 });
  assert.is.not(hash(a), hash(b));
  assert.equal(a.items.name, b.items.name);
  simulateShop(engine, { ...small, seed: 2 ** 32 - 1 });
});

test("a customer's orders do not depend on how many others there are", () => {
  const history = ({ orders }: Shop, below: number) =>
    Array.from(orders.item, (item, i) => [orders.customer[i], orders.time[i], item])
      .filter(([customer]) => customer < below)
      .map(String)
      .sort()
      .join(';');
  const few = simulateShop(engine, { ...small, customers: 40 });
  assert.is(history(few, 40), history(simulateShop(engine, small), 40));
});

test('orders are sorted by time, numbered by time, of one customer, and inside the days', () => {
  const { orders, options, items } = simulateShop(engine, small);
  const { customer, order, item, time } = orders;
  assert.is(order[0], 0);
  for (let i = 0; i < item.length; i++) {
    assert.ok(Number.isInteger(time[i]) && time[i] >= shopOpens);
    assert.ok(time[i] < shopOpens + options.days * secondsPerDay);
    assert.ok(
      item[i] >= 0 && item[i] < items.id.length && customer[i] >= 0 && customer[i] < options.customers,
    );
    if (i === 0) continue;
    assert.ok(time[i] >= time[i - 1] && (order[i] === order[i - 1] || order[i] === order[i - 1] + 1));
    if (order[i] === order[i - 1]) {
      assert.ok(customer[i] === customer[i - 1] && time[i] === time[i - 1] && item[i] > item[i - 1]);
    }
  }
});

test('a shop has exactly the products asked for, with distinct names and ids', () => {
  for (const products of [fewestProducts, 60, 61, 99, 400, 1234, 20_000]) {
    const { items, leads, background, models, truth } = makeCatalogue(engine, products, 3);
    assert.is(items.name.length, products);
    assert.is(new Set(items.name).size, products, `names of ${products}`);
    assert.is(new Set(items.id).size, products, `ids of ${products}`);
    for (const id of items.id) assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)+$/);
    assert.is(items.category.length, products);
    assert.is(items.brand.length, products);
    assert.ok(items.price.every((price) => price > 0 && price < 3000));
    assert.is(leads.length, products);
    assert.ok(background.every((total, i) => total > (background[i - 1] ?? 0)));
    assert.ok(models.every(({ item }) => item.length > 0));
    assert.ok(truth.target.every((v, i) => v >= 0 && v < products && v !== truth.source[i]));
    assert.ok(items.category.some((category, i) => category === 'phone' && / phone$/.test(items.name[i])));
  }
});

test('the limits of customers and days, and rates of nothing', () => {
  for (const extreme of [{ customers: 1 }, { days: 2 }, { models: 0, background: 0 }, { days: 3650 }]) {
    const { orders } = simulateShop(engine, { products: 60, customers: 20, ...extreme });
    if ('models' in extreme) assert.is(orders.item.length, 0);
    assert.is(orders.item.length, orders.time.length);
  }
  assert.is(simulateShop(engine, { products: 60, days: 2 }).options.customers, 600, '10 a product');
  for (const impulse of [0, 1]) simulateShop(engine, { products: 60, impulse, again: 2, loyalty: 1 });
});

test('bad options are refused by name', () => {
  const refused = (given: unknown, type: typeof TypeError | typeof RangeError, message: RegExp) =>
    assert.throws(
      () => simulateShop(engine, given as ShopOptions),
      (error: Error) => error instanceof type && message.test(error.message),
      `${JSON.stringify(given)}`,
    );
  refused({ product: 60 }, TypeError, /unknown option "product"/);
  refused(60, TypeError, /object of options/);
  for (const name of Object.keys(shopDefaults)) {
    refused({ [name]: Number.NaN }, RangeError, new RegExp(`^${name} must be`));
    refused({ [name]: -1 }, RangeError, new RegExp(`^${name} must be`));
    refused({ [name]: 2 ** 40 }, RangeError, new RegExp(`^${name} must be`));
    refused({ [name]: '5' }, TypeError, new RegExp(`^${name} must be a number`));
  }
  refused({ products: fewestProducts - 1 }, RangeError, /^products must be/);
  refused({ products: 60.5 }, RangeError, /^products must be/);
  refused({ customers: 0 }, RangeError, /^customers must be/);
  refused({ days: 1 }, RangeError, /^days must be/);
  refused({ seed: 2 ** 32 }, RangeError, /^seed must be/);
});

test('the engine gets its memory back, also after an error', () => {
  const { slices, usedBytes } = engine.stats();
  simulateShop(engine, small);
  assert.throws(() => simulateShop(engine, { products: 1 }));
  assert.equal([engine.stats().slices, engine.stats().usedBytes], [slices, usedBytes]);
});

test('season brings more orders in December, drift keeps models out until their day', () => {
  const december = ({ orders }: Shop) =>
    orders.time.filter((t) => t >= shopOpens + 334 * secondsPerDay).length;
  const year = { products: 120, customers: 2000, seed: 5 };
  const usual = simulateShop(engine, year);
  const festive = simulateShop(engine, { ...year, season: 2 });
  assert.ok(december(festive) > 1.5 * december(usual));
  const changing = simulateShop(engine, { ...year, drift: 1 });
  const { isModel, launch } = changing.catalogue;
  let late = 0;
  changing.orders.item.forEach((item, i) => {
    if (!isModel[item]) return;
    const day = (changing.orders.time[i] - shopOpens) / secondsPerDay;
    assert.ok(day >= Math.floor(launch[item] * 0.8 * 365));
    if (launch[item] > 0.5) late++;
  });
  assert.ok(late > 0);
});

test.run();
