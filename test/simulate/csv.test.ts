import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/engine/engine.ts';
import {
  alsoViewedCsv,
  customerId,
  featuresCsv,
  itemsCsv,
  ordersCsv,
  simulateShop,
  truthCsv,
} from '../../src/simulate/index.ts';

const shop = simulateShop(await Engine.create(), { products: 120, customers: 300 });

/** Fields of CSV lines; quotes may hold commas. */
function parse(lines: Iterable<string>): { header: string; rows: string[][] } {
  const all = [...lines];
  for (const line of all) assert.ok(line.endsWith('\n') && !line.slice(0, -1).includes('\n'));
  const rows = all
    .slice(1)
    .map((line) =>
      [...line.slice(0, -1).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
      ),
    );
  return { header: all[0].trimEnd(), rows };
}

test('orders.csv reads back', () => {
  const { header, rows } = parse(ordersCsv(shop));
  const { orders, items } = shop;
  assert.is(header, 'customer,order,item,time');
  assert.is(rows.length, orders.item.length);
  rows.forEach(([customer, order, item, time], i) => {
    assert.is(customer, customerId(orders.customer[i]));
    assert.is(Number(order.slice(1)), orders.order[i] + 1);
    assert.is(item, items.id[orders.item[i]]);
    assert.is(Number(time), orders.time[i]);
  });
});

test('items.csv reads back, commas in names too', () => {
  const { header, rows } = parse(itemsCsv(shop));
  assert.is(header, 'item,name,category,brand,price');
  const { id, name, category, brand, price } = shop.items;
  assert.equal(
    rows,
    id.map((item, i) => [item, name[i], category[i], brand[i], String(price[i])]),
  );
  assert.ok(name.some((text) => text.includes(',')));
});

test('features.csv reads back: category, brand and words of every product, each once', () => {
  const { header, rows } = parse(featuresCsv(shop));
  assert.is(header, 'node,feature,value');
  assert.is(new Set(rows.map(([node, feature]) => `${node} ${feature}`)).size, rows.length);
  const at = shop.items.name.findIndex((name) => /^Orbit .* case, leather$/.test(name));
  const own = rows.filter(([node]) => node === shop.items.id[at]).map(([, feature]) => feature);
  for (const feature of ['category:phone case', 'brand:Orbit', 'word:orbit', 'word:case', 'word:leather']) {
    assert.ok(own.includes(feature), `${feature} among ${own}`);
  }
  assert.ok(rows.every(([, , value]) => value === '1'));
  const { feature, featureNames } = shop.features;
  assert.is(new Set(feature).size, featureNames.length);
});

test('truth.csv and also-viewed.csv read back', () => {
  const { truth, alsoViewed, items } = shop;
  const read = parse(truthCsv(shop));
  assert.is(read.header, 'source,target,strength,kind');
  assert.equal(
    read.rows,
    truth.kind.map((kind, i) => [
      items.id[truth.source[i]],
      items.id[truth.target[i]],
      String(truth.strength[i]),
      kind,
    ]),
  );
  const viewed = parse(alsoViewedCsv(shop));
  assert.is(viewed.header, 'source,target,weight');
  assert.is(viewed.rows.length, alsoViewed.weight.length);
  assert.ok(viewed.rows.every(([, , weight], i) => Number(weight) === alsoViewed.weight[i]));
});

test.run();
