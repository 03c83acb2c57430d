import { columns, dataset } from '../../test/helpers/data.ts';

/** Order lines as parallel columns, oldest first is not assumed. */
export interface Lines {
  customer: Float64Array;
  order: Float64Array;
  item: Float64Array;
  time: Float64Array;
}

/** What a customer bought at one go (everything of one day, or one order), distinct items. */
export interface Basket {
  customer: number;
  time: number;
  items: number[];
}

/** "This was ordered; what new items does the next order hold?" */
export interface NextOrder {
  customer: number;
  time: number;
  /** Items of the order. */
  context: number[];
  /** Everything the customer has bought so far, the order included: never an answer. */
  bought: ReadonlySet<number>;
  /** Items of the customer's next order that are not in `bought`; never empty. */
  truth: number[];
}

const DAY = 86_400;

/** The order lines of online-retail and its number of items, or undefined when it is not on this machine. */
export function retailLines(): { lines: Lines; itemCount: number } | undefined {
  const folder = dataset('online-retail');
  if (folder === undefined) return undefined;
  const { customer, invoice, item, timestamp } = columns(`${folder}/transactions.csv.gz`, [
    'customer',
    'invoice',
    'item',
    'timestamp',
  ]);
  const itemCount = columns(`${folder}/nodes.csv.gz`, ['id']).id.length;
  return { lines: { customer, order: invoice, item, time: timestamp }, itemCount };
}

/** The lines with from <= time < to. */
export function linesBetween(lines: Lines, from: number, to: number): Lines {
  const keep = (column: Float64Array) => column.filter((_, i) => lines.time[i] >= from && lines.time[i] < to);
  return {
    customer: keep(lines.customer),
    order: keep(lines.order),
    item: keep(lines.item),
    time: keep(lines.time),
  };
}

/** Baskets of each customer in order of time; those of one moment by order number. */
export function basketsOf(lines: Lines, window: 'day' | 'order'): Map<number, Basket[]> {
  const found = new Map<string, Basket & { key: number; set: Set<number> }>();
  for (let i = 0; i < lines.item.length; i++) {
    const day = Math.floor(lines.time[i] / DAY);
    const key = window === 'day' ? day : lines.order[i];
    const name = `${lines.customer[i]} ${key}`;
    let basket = found.get(name);
    if (basket === undefined) {
      basket = { customer: lines.customer[i], time: lines.time[i], items: [], key, set: new Set() };
      found.set(name, basket);
    }
    basket.time = Math.min(basket.time, lines.time[i]);
    if (!basket.set.has(lines.item[i])) {
      basket.set.add(lines.item[i]);
      basket.items.push(lines.item[i]);
    }
  }
  const sorted = [...found.values()].sort(
    (a, b) => a.customer - b.customer || a.time - b.time || a.key - b.key,
  );
  const byCustomer = new Map<number, Basket[]>();
  for (const basket of sorted) {
    const list = byCustomer.get(basket.customer);
    if (list) list.push(basket);
    else byCustomer.set(basket.customer, [basket]);
  }
  return byCustomer;
}

/** One query for each basket with from <= time < to whose customer's next basket, before `to`, holds a new item. */
export function nextOrders(
  baskets: ReadonlyMap<number, readonly Basket[]>,
  from: number,
  to: number,
): NextOrder[] {
  const queries: NextOrder[] = [];
  for (const list of baskets.values()) {
    const bought = new Set<number>();
    list.forEach(({ customer, time, items }, i) => {
      for (const item of items) bought.add(item);
      const next = list[i + 1];
      if (!(time >= from && next && next.time < to)) return;
      const truth = next.items.filter((item) => !bought.has(item));
      if (truth.length > 0) queries.push({ customer, time, context: items, bought: new Set(bought), truth });
    });
  }
  return queries;
}
