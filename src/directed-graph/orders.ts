import { flag, integer, oneOf, options, real, sized } from '../check.ts';
import { countingSort, MAX_NODES } from './csr.ts';

/** A column of codes (whole numbers from 0) or of names. */
export type Codes = ArrayLike<number> | readonly string[];

/** Order lines as parallel columns: one entry a line, in any order. */
export interface Orders {
  customer: Codes;
  /** Names of orders; two customers' orders of one name are different. Needed by `window: 'order'` only. */
  order?: Codes;
  /** Codes are the nodes of the graph; names become its ids, sorted. */
  item: Codes;
  /** Epoch seconds, >= 0, of the shop's own clock: days begin at its midnight. */
  time: ArrayLike<number>;
}

export interface OrderOptions {
  /** `next`: from each product of a basket to each of the customer's next; `co-purchase`: both ways within a basket. */
  mode?: 'next' | 'co-purchase';
  /** What a basket is: everything a customer bought on one `day`, or one `order`. */
  window?: 'day' | 'order';
  /** In mode `next`, count V only where the customer had never bought it before. */
  firstPurchasesOnly?: boolean;
  /** Least number of events (a pair of consecutive baskets, or a basket) that keeps an edge. */
  minSupport?: number;
  /** Least events * all events / (events with U as source * events with V as target); 0 keeps all. */
  minLift?: number;
  /** Pairs of baskets (or baskets) with more product pairs than this are left out and counted. */
  pairCap?: number;
  /** Number of nodes when items are codes; one more than the largest code when absent. */
  nodeCount?: number;
  /** Names of the nodes when items are codes. */
  ids?: readonly string[];
}

/** Three events and twice as often as by chance: what made the graph of the online-retail data set. */
export const orderDefaults = {
  mode: 'next',
  window: 'day',
  firstPurchasesOnly: true,
  minSupport: 3,
  minLift: 2,
  /** product pairs: a basket of 200 after one of 200 */
  pairCap: 40_000,
} as const satisfies OrderOptions;

export interface OrderCounts {
  readonly customers: number;
  readonly baskets: number;
  /** Consecutive baskets of a customer, or the baskets themselves in mode `co-purchase`. */
  readonly basketPairs: number;
  /** How many of `basketPairs` were over `pairCap` and left out. */
  readonly capped: number;
  /** Product pairs counted with repetition. */
  readonly events: number;
  /** Distinct ordered product pairs seen at least once. */
  readonly pairsSeen: number;
  /** Pairs that passed support and lift: the edges. */
  readonly pairsKept: number;
}

export interface OrderEdges {
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  /** Events behind each edge. */
  readonly weight: Float64Array;
  /** Day (or order's time, for `window: 'order'`) of the event that reached `minSupport`: the edge is known since. */
  readonly timestamp: Float64Array;
  readonly nodeCount: number;
  readonly ids?: readonly string[];
  readonly counts: OrderCounts;
}

const DAY = 86_400;

/**
 * Edges "bought U, next V" of order lines, sorted by nothing in particular. One row of the sparse product
 * (baskets with U)^T x (what followed them) at a time over a dense counter: 265,427 lines with 3.3 million events take
 * about 0.3 s, and no event is ever stored. TypeError and RangeError name the column and the line.
 */
export function edgesFromOrders(orders: Orders, given?: OrderOptions): OrderEdges {
  const o = options<OrderOptions>(
    given,
    { ...orderDefaults, nodeCount: undefined, ids: undefined },
    'fromOrders',
  );
  const mode = oneOf(o.mode, 'mode', ['next', 'co-purchase']);
  const window = oneOf(o.window, 'window', ['day', 'order']);
  const firstOnly = flag(o.firstPurchasesOnly, 'firstPurchasesOnly') && mode === 'next';
  const minSupport = integer(o.minSupport, 'minSupport', 1, 2 ** 32 - 1);
  const minLift = real(o.minLift, 'minLift', 0);
  const pairCap = integer(o.pairCap, 'pairCap', 1);
  const { time } = orders;
  const rows = sized(time, 'time', time?.length).length;
  for (let i = 0; i < rows; i++) {
    if (!(time[i] >= 0 && time[i] < Infinity)) {
      throw new RangeError(`time[${i}] must be epoch seconds from 0, got ${time[i]}`);
    }
  }
  const { code: customer, count: customers } = dense(sized(orders.customer, 'customer', rows), 'customer');
  const item = items(sized(orders.item, 'item', rows), o);
  const n = item.count;
  const basketOf =
    window === 'day' ? byDay(time) : byOrder(customer, sized(orders.order!, 'order', rows), time);

  // Lines in (customer, basket, item) order; baskets of a customer are numbered by time.
  const byBasket = countingSort(
    basketOf.rank,
    countingSort(item.code, undefined, n, rows),
    basketOf.count,
    rows,
  );
  const sorted = countingSort(customer, byBasket, customers, rows);
  const entries = new Uint32Array(rows);
  const start: number[] = [];
  const when: number[] = [];
  const owner: number[] = [];
  let count = 0;
  let lastItem = -1;
  let lastRank = -1;
  for (const row of sorted) {
    const rank = basketOf.rank[row];
    const c = customer[row];
    if (owner.length === 0 || owner[owner.length - 1] !== c || lastRank !== rank) {
      start.push(count);
      when.push(basketOf.time[rank]);
      owner.push(c);
      lastItem = -1;
    }
    lastRank = rank;
    if (item.code[row] !== lastItem) entries[count++] = lastItem = item.code[row];
  }
  const baskets = start.length;
  start.push(count);

  // Each basket pair is "all of `from`" x "fresh[freshAt .. ]"; in a pair both lists are sorted and distinct.
  const fresh = new Uint32Array(rows);
  const pairFrom: number[] = [];
  const pairFresh: number[] = [];
  const pairTime: number[] = [];
  const asSource = new Float64Array(n);
  const asTarget = new Float64Array(n);
  const boughtBy = new Uint32Array(n);
  const inFrom = new Uint32Array(n);
  let basketPairs = 0;
  let capped = 0;
  let events = 0;
  let freshCount = 0;
  for (let b = 0; b < baskets; b++) {
    const from = mode === 'next' ? b - 1 : b;
    const paired = from >= 0 && owner[from] === owner[b];
    const freshStart = freshCount;
    for (let i = start[b]; i < start[b + 1]; i++) {
      const v = entries[i];
      if (paired && !(firstOnly && boughtBy[v] === owner[b] + 1)) fresh[freshCount++] = v;
      boughtBy[v] = owner[b] + 1;
    }
    if (!paired) continue;
    basketPairs++;
    const width = freshCount - freshStart;
    const height = start[from + 1] - start[from];
    const products = mode === 'next' ? width * height : width * (width - 1);
    if (!(products > 0 && products <= pairCap)) {
      if (products > pairCap) capped++;
      freshCount = freshStart;
      continue;
    }
    pairFrom.push(from);
    pairFresh.push(freshStart);
    pairTime.push(when[b]);
    // A product does not lead to itself: such pairs are neither events nor edges.
    for (let i = start[from]; i < start[from + 1]; i++) inFrom[entries[i]] = pairFrom.length;
    let shared = 0;
    for (let i = freshStart; i < freshCount; i++) {
      const own = inFrom[fresh[i]] === pairFrom.length ? 1 : 0;
      asTarget[fresh[i]] += height - own;
      asSource[fresh[i]] -= own;
      shared += own;
    }
    for (let i = start[from]; i < start[from + 1]; i++) asSource[entries[i]] += width;
    events += width * height - shared;
  }
  const pairs = pairFrom.length;
  pairFresh.push(freshCount);

  // For each product, the pairs it starts, oldest first: the support-th hit of a counter is then the earliest.
  const chronological = Uint32Array.from({ length: pairs }, (_, p) => p).sort(
    (a, b) => pairTime[a] - pairTime[b],
  );
  const leads = new Uint32Array(n + 1);
  for (let p = 0; p < pairs; p++) {
    for (let i = start[pairFrom[p]]; i < start[pairFrom[p] + 1]; i++) leads[entries[i] + 1]++;
  }
  for (let u = 0; u < n; u++) leads[u + 1] += leads[u];
  const next = leads.slice(0, n);
  const leadPair = new Uint32Array(leads[n]);
  for (const p of chronological) {
    for (let i = start[pairFrom[p]]; i < start[pairFrom[p] + 1]; i++) leadPair[next[entries[i]]++] = p;
  }

  const seen = new Uint32Array(n);
  const since = new Float64Array(n);
  const touched = new Uint32Array(n);
  const source = new Growing();
  const target = new Growing();
  const weight = new Growing();
  const timestamp = new Growing();
  let pairsSeen = 0;
  for (let u = 0; u < n; u++) {
    let reached = 0;
    for (let l = leads[u]; l < leads[u + 1]; l++) {
      const p = leadPair[l];
      for (let i = pairFresh[p]; i < pairFresh[p + 1]; i++) {
        const v = fresh[i];
        if (v === u) continue;
        if (seen[v] === 0) touched[reached++] = v;
        if (++seen[v] === minSupport) since[v] = pairTime[p];
      }
    }
    pairsSeen += reached;
    for (let i = 0; i < reached; i++) {
      const v = touched[i];
      const support = seen[v];
      seen[v] = 0;
      if (support < minSupport || !((support * events) / (asSource[u] * asTarget[v]) >= minLift)) continue;
      source.push(u);
      target.push(v);
      weight.push(support);
      timestamp.push(since[v]);
    }
  }
  return {
    source: Uint32Array.from(source.values()),
    target: Uint32Array.from(target.values()),
    weight: weight.values(),
    timestamp: timestamp.values(),
    nodeCount: n,
    ids: item.names,
    counts: {
      customers,
      baskets,
      basketPairs,
      capped,
      events,
      pairsSeen,
      pairsKept: source.length,
    },
  };
}

/** A list of numbers that doubles; plain arrays of several million doubles cost three times as much. */
class Growing {
  #array = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#array.length) {
      const wider = new Float64Array(2 * this.length);
      wider.set(this.#array);
      this.#array = wider;
    }
    this.#array[this.length++] = value;
  }

  values(): Float64Array {
    return this.#array.slice(0, this.length);
  }
}

/** Each distinct value as a number from 0: names sorted by UTF-16 unit, codes by size, so row order plays no part. */
function dense(values: Codes, name: string): { code: Uint32Array; count: number; names: string[] } {
  const text = typeof values[0] === 'string';
  const code = new Uint32Array(values.length);
  const first = new Map<string | number, number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== (text ? 'string' : 'number')) {
      throw new TypeError(
        `${name}[${i}] must be ${text ? 'text' : 'a number'}, got ${JSON.stringify(value)}`,
      );
    }
    if (!text && !(Number.isInteger(value) && (value as number) >= 0)) {
      throw new RangeError(`${name}[${i}] must be a whole number from 0, got ${value}`);
    }
    let at = first.get(value);
    if (at === undefined) {
      at = first.size;
      first.set(value, at);
    }
    code[i] = at;
  }
  const distinct = [...first.keys()];
  const order = distinct.map((_, i) => i).sort((a, b) => (distinct[a] < distinct[b] ? -1 : 1));
  const rank = new Uint32Array(order.length);
  for (let r = 0; r < order.length; r++) rank[order[r]] = r;
  for (let i = 0; i < code.length; i++) code[i] = rank[code[i]];
  return { code, count: order.length, names: text ? order.map((i) => distinct[i] as string) : [] };
}

/** Items as nodes: names are numbered, codes stay what they are. */
function items(
  values: Codes,
  { ids, nodeCount }: OrderOptions,
): { code: ArrayLike<number>; count: number; names?: readonly string[] } {
  if (typeof values[0] === 'string') {
    if (ids || nodeCount !== undefined) {
      throw new TypeError('ids and nodeCount belong to items given as codes, got items given as text');
    }
    return dense(values, 'item');
  }
  const code = values as ArrayLike<number>;
  const given = ids?.length ?? nodeCount;
  const limit = given === undefined ? MAX_NODES : integer(given, 'nodeCount', 0, MAX_NODES);
  let count = given ?? 0;
  for (let i = 0; i < code.length; i++) {
    if (!(Number.isInteger(code[i]) && code[i] >= 0 && code[i] < limit)) {
      throw new RangeError(`item[${i}] must be a node from 0 to ${limit - 1}, got ${code[i]}`);
    }
    if (code[i] >= count) count = code[i] + 1;
  }
  return { code, count, names: ids };
}

interface Baskets {
  /** Of each line, its basket; numbers grow with time. */
  rank: Uint32Array;
  count: number;
  /** Of each number, epoch seconds. */
  time: ArrayLike<number>;
}

function byDay(time: ArrayLike<number>): Baskets {
  const day = new Float64Array(time.length);
  for (let i = 0; i < day.length; i++) day[i] = Math.floor(time[i] / DAY);
  const days = Float64Array.from(new Set(day)).sort();
  const rankOf = new Map<number, number>();
  for (const d of days) rankOf.set(d, rankOf.size);
  const rank = new Uint32Array(day.length);
  for (let i = 0; i < day.length; i++) rank[i] = rankOf.get(day[i])!;
  return { rank, count: days.length, time: days.map((d) => d * DAY) };
}

/** An order is dated by its earliest line; orders of one second are taken by name. */
function byOrder(customer: Uint32Array, order: Codes, time: ArrayLike<number>): Baskets {
  const { code, count } = dense(order, 'order');
  const keys = new Map<number, number>();
  const basket = new Uint32Array(code.length);
  const earliest: number[] = [];
  const name: number[] = [];
  for (let i = 0; i < code.length; i++) {
    const key = customer[i] * count + code[i];
    let b = keys.get(key);
    if (b === undefined) {
      b = earliest.length;
      keys.set(key, b);
      earliest.push(time[i]);
      name.push(key);
    } else if (time[i] < earliest[b]) earliest[b] = time[i];
    basket[i] = b;
  }
  const sorted = earliest.map((_, b) => b).sort((a, b) => earliest[a] - earliest[b] || name[a] - name[b]);
  const rankOf = new Uint32Array(sorted.length);
  for (let r = 0; r < sorted.length; r++) rankOf[sorted[r]] = r;
  const rank = basket.map((b) => rankOf[b]);
  return { rank, count: sorted.length, time: sorted.map((b) => earliest[b]) };
}
