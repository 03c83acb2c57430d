/** What the columns of a file can be, and which names say so by themselves. */
import type { Kind, Looked } from './jobs.ts';

export interface Role {
  readonly name: string;
  readonly words: string;
  readonly needed?: boolean;
  /** A role that does as well. */
  readonly or?: string;
  /** Several columns may have it. */
  readonly many?: boolean;
  /** Names of columns that are taken for it, in lower case without spaces, dots, dashes and underscores. */
  readonly known: readonly string[];
}

/** The role of a column that is not read. */
export const LEFT_OUT = '';

export const ROLES: Readonly<Record<Kind, readonly Role[]>> = {
  orders: [
    {
      name: 'customer',
      words: 'customer',
      needed: true,
      known: [
        'customer',
        'customerid',
        'user',
        'userid',
        'client',
        'clientid',
        'buyer',
        'household',
        'householdid',
        'email',
      ],
    },
    {
      name: 'item',
      words: 'product',
      needed: true,
      known: ['item', 'itemid', 'product', 'productid', 'sku', 'stockcode', 'article', 'asin'],
    },
    {
      name: 'name',
      words: 'name of the product',
      known: ['name', 'itemname', 'productname', 'title', 'description'],
    },
    {
      name: 'time',
      words: 'time',
      needed: true,
      known: [
        'time',
        'timestamp',
        'date',
        'datetime',
        'orderdate',
        'invoicedate',
        'createdat',
        'orderedat',
        'day',
      ],
    },
  ],
  edges: [
    { name: 'source', words: 'from', needed: true, known: ['source', 'from', 'src', 'u'] },
    { name: 'target', words: 'to', needed: true, known: ['target', 'to', 'dst', 'v'] },
    { name: 'weight', words: 'weight', known: ['weight', 'count', 'customers', 'support', 'n'] },
    { name: 'timestamp', words: 'time', known: ['timestamp', 'time', 'date'] },
  ],
  events: [
    {
      name: 'time',
      words: 'time it was shown',
      needed: true,
      known: ['time', 'timestamp', 'clicktime', 'exposuretime', 'shown', 'clicked', 'bookday', 'date', 't0'],
    },
    {
      name: 'conversion',
      words: 'time it converted',
      needed: true,
      or: 'delay',
      known: [
        'conversion',
        'converted',
        'conversiontime',
        'convertedat',
        'bought',
        'purchased',
        'cancelday',
        'paytime',
      ],
    },
    {
      name: 'delay',
      words: 'how long after that it converted',
      known: ['delay', 'conversiondelay', 'timetoconversion'],
    },
    {
      name: 'signal',
      words: 'time of a signal before it',
      many: true,
      known: ['cart', 'revisit', 'addtocart', 'wishlist'],
    },
    {
      name: 'signalDelay',
      words: 'how long after that came a signal',
      many: true,
      known: ['cartdelay', 'revisitdelay'],
    },
    { name: 'window', words: 'how long it may take', known: ['window'] },
    { name: 'id', words: 'name of the row', known: ['id', 'rowid', 'eventid', 'exposureid'] },
    { name: 'feature', words: 'feature to learn from', many: true, known: [] },
  ],
  scores: [
    {
      name: 'score',
      words: 'score, 0 to 1',
      needed: true,
      known: ['score', 'probability', 'p', 'prediction', 'predicted'],
    },
    {
      name: 'uncertainty',
      words: 'uncertainty',
      known: ['uncertainty', 'sd', 'std', 'stddev', 'sigma', 'variance', 'stderr', 'se'],
    },
    {
      name: 'label',
      words: 'what came true, 0 or 1',
      needed: true,
      known: ['label', 'y', 'target', 'outcome', 'bought', 'converted', 'class'],
    },
    { name: 'group', words: 'whose row it is', known: ['group', 'customer', 'customerid', 'user', 'userid'] },
  ],
};

export const KIND_WORDS: Readonly<Record<Kind, { readonly title: string; readonly about: string }>> = {
  orders: { title: 'Orders', about: 'a line for each product bought: customer, product, time' },
  edges: { title: 'Pairs', about: 'a line for each pair: from, to, perhaps how often' },
  events: { title: 'Events', about: 'a line for each showing or click, and when it converted' },
  scores: { title: 'Scores', about: 'a line for each row scored: score, uncertainty, what came true' },
};

const plain = (name: string) => name.toLowerCase().replace(/[\s._-]/g, '');

/** A role for each column by its name; the other columns of an event log are features. */
export function guessRoles(kind: Kind, columns: Looked['columns']): Record<string, string> {
  const roles = Object.fromEntries(columns.map(({ name }) => [name, LEFT_OUT]));
  for (const { name: role, known, many } of ROLES[kind]) {
    const ranked = columns
      .filter(({ name }) => roles[name] === LEFT_OUT && known.includes(plain(name)))
      .sort((a, b) => known.indexOf(plain(a.name)) - known.indexOf(plain(b.name)));
    for (const { name } of many ? ranked : ranked.slice(0, 1)) roles[name] = role;
  }
  if (kind === 'events') {
    for (const { name } of columns) if (roles[name] === LEFT_OUT && name !== '') roles[name] = 'feature';
  }
  return roles;
}

/** Needed roles that no column has. */
export function missing(kind: Kind, roles: Readonly<Record<string, string>>): Role[] {
  const given = new Set(Object.values(roles));
  return ROLES[kind].filter(({ name, needed, or }) => needed && !given.has(name) && !(or && given.has(or)));
}

/** What the file seems to hold: the first kind whose needed roles are all there, else orders. An event log may name customers and products too. */
export function guessKind(columns: Looked['columns']): Kind {
  const order: readonly Kind[] = ['edges', 'scores', 'events', 'orders'];
  return order.find((kind) => missing(kind, guessRoles(kind, columns)).length === 0) ?? 'orders';
}

/** The columns that have a role. */
export const columnsOf = (roles: Readonly<Record<string, string>>, role: string): string[] =>
  Object.keys(roles).filter((name) => roles[name] === role);
