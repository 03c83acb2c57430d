import { customerId } from './customers.ts';
import type { Shop } from './shop.ts';

/**
 * The files of a shop as lines that end in '\n', the header first: for `Readable.from(...)` or `[...].join('')`.
 * Products are named by their id, customers by theirs, orders 'o0000001'; times are epoch seconds.
 */

/** `customer,order,item,time` */
export function* ordersCsv({ orders, items }: Pick<Shop, 'orders' | 'items'>): Generator<string> {
  yield 'customer,order,item,time\n';
  for (let i = 0; i < orders.item.length; i++) {
    const order = `o${String(orders.order[i] + 1).padStart(7, '0')}`;
    yield `${customerId(orders.customer[i])},${order},${items.id[orders.item[i]]},${orders.time[i]}\n`;
  }
}

/** `item,name,category,brand,price` */
export function* itemsCsv({ items }: Pick<Shop, 'items'>): Generator<string> {
  yield 'item,name,category,brand,price\n';
  for (let i = 0; i < items.id.length; i++) {
    const text = [items.id[i], items.name[i], items.category[i], items.brand[i]].map(field).join(',');
    yield `${text},${items.price[i]}\n`;
  }
}

/** `node,feature,value` */
export function* featuresCsv({ features, items }: Pick<Shop, 'features' | 'items'>): Generator<string> {
  yield 'node,feature,value\n';
  for (let i = 0; i < features.node.length; i++) {
    const name = field(features.featureNames[features.feature[i]]);
    yield `${items.id[features.node[i]]},${name},${features.value[i]}\n`;
  }
}

/** `source,target,strength,kind` */
export function* truthCsv({ truth, items }: Pick<Shop, 'truth' | 'items'>): Generator<string> {
  yield 'source,target,strength,kind\n';
  for (let i = 0; i < truth.source.length; i++) {
    const pair = `${items.id[truth.source[i]]},${items.id[truth.target[i]]}`;
    yield `${pair},${truth.strength[i]},${truth.kind[i]}\n`;
  }
}

/** `source,target,weight` */
export function* alsoViewedCsv({ alsoViewed, items }: Pick<Shop, 'alsoViewed' | 'items'>): Generator<string> {
  yield 'source,target,weight\n';
  for (let i = 0; i < alsoViewed.source.length; i++) {
    const pair = `${items.id[alsoViewed.source[i]]},${items.id[alsoViewed.target[i]]}`;
    yield `${pair},${alsoViewed.weight[i]}\n`;
  }
}

export const field = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
