import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileSource, Progress } from '../../examples/studio/jobs.ts';
import { guessKind, guessRoles, missing } from '../../examples/studio/roles.ts';
import { matching } from '../../examples/studio/views/matching.ts';
import { rejectedBefore } from '../../examples/studio/worker/input.ts';
import { look } from '../../examples/studio/worker/look.ts';
import { openShop, readShop } from '../../examples/studio/worker/shop.ts';
import { simulateScores } from '../../examples/studio/worker/simulate-scores.ts';
import { Engine } from '../../src/index.ts';

const columns = (header: string) => header.split(',').map((name) => ({ name, samples: [] }));
const run = (tell: (progress: Progress) => void = () => {}) => ({
  signal: new AbortController().signal,
  tell,
});

test('what a file holds is known by its columns', () => {
  const kinds = {
    'customer,item,time': 'orders',
    'CustomerID,StockCode,Description,InvoiceDate': 'orders',
    'source,target,weight': 'edges',
    'split,score,uncertainty,y,erp_true': 'scores',
    'id,time,conversion,cart,revisit,customer,item,price': 'events',
    'id,t0,n0,delay,cart_delay': 'events',
    'a,b,c': 'orders',
  };
  for (const [header, kind] of Object.entries(kinds)) assert.is(guessKind(columns(header)), kind, header);
  const roles = guessRoles('events', columns('id,time,conversion,cart,price'));
  assert.equal(roles, { id: 'id', time: 'time', conversion: 'conversion', cart: 'signal', price: 'feature' });
  assert.equal(
    missing('orders', guessRoles('orders', columns('who,item,time'))).map(({ name }) => name),
    ['customer'],
  );
  assert.equal(missing('events', { when: 'time', after: 'delay' }), [], 'a delay does as well as a time');
});

test('the head of a file is enough to know its columns, whatever stands between them', async () => {
  const rows = ['who;what;when', ...Array.from({ length: 50_000 }, (_, i) => `c${i};p${i};2025-01-01`)].join(
    '\n',
  );
  for (const file of [new File([rows], 'a.csv'), new File([gzipSync(rows)], 'a.csv.gz')]) {
    const { columns, delimiter } = await look(file);
    assert.is(delimiter, ';');
    assert.equal(
      columns.map(({ name }) => name),
      ['who', 'what', 'when'],
    );
    assert.equal(columns[0].samples, ['c0', 'c1', 'c2']);
  }
  const lines = await look(new File(['{"customer":"a","item":1}\n{"customer":"b","item":2}\n'], 'a.txt'));
  assert.is(lines.format, 'jsonl');
  assert.equal(
    lines.columns.map(({ samples }) => samples),
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  );
  const one = await look(new File(['name\nx\n'], 'one.csv'));
  assert.equal(
    one.columns.map(({ name }) => name),
    ['name'],
  );
  for (const bytes of ['', '\0\0\0']) {
    const refused = await look(new File([bytes], 'bad.csv')).catch((error) => error);
    assert.is(refused.name, 'DataError', JSON.stringify(bytes));
  }
});

const source = (text: string, roles: FileSource['roles']): FileSource => ({
  from: 'file',
  kind: 'orders',
  file: new File([text], 'orders.csv'),
  roles,
});
const ROLES = { c: 'customer', i: 'item', t: 'time', n: 'name' };
const ask = { minSupport: 1, minLift: 0, mode: 'next' } as const;

test('a shop of a file has the names it gives, and rows left out are told even when it has no pairs', async () => {
  const text = 'c,i,t,n\na,p,2025-01-01,Phone\na,q,2025-01-02,\nb,p,never,Phone\n';
  const read = await openShop({ source: source(text, ROLES), ...ask }, run());
  assert.equal(
    read.items.map(({ name, out, in: into }) => [name, out, into]),
    [
      ['Phone', 1, 0],
      ['q', 0, 1],
    ],
  );
  assert.is(read.bad.count, 1);
  assert.is(read.bad.first[0].line, 4);
  assert.is(read.bad.first[0].column, 't');
  const refused = await readShop(
    { source: source('c,i,t\na,p,never\na,q,2025-01-02\n', ROLES), ...ask },
    run(),
  ).catch((error) => error);
  assert.is(refused.name, 'DataError');
  assert.is(rejectedBefore(refused)?.count, 1);
});

test('simulated scores are the same for a seed, and worth more the surer they are', async () => {
  const engine = await Engine.create();
  const [a, b, c] = [1, 1, 2].map((seed) => simulateScores(engine, seed));
  assert.ok(
    a.score.every((value, i) => value === b.score[i]) && a.score.some((value, i) => value !== c.score[i]),
  );
  const rate = (sure: boolean) => {
    const rows = [...a.score.keys()].filter(
      (i) => a.score[i] > 0.5 && a.score[i] < 0.7 && a.uncertainty[i] < 0.06 === sure,
    );
    return rows.reduce((sum, i) => sum + a.label[i], 0) / rows.length;
  };
  assert.ok(rate(true) > rate(false) + 0.03, `${rate(true)} of the sure, ${rate(false)} of the unsure`);
  engine.dispose();
});

test('a search finds every word in name or id, what begins with the text first', () => {
  const item = (id: string, name: string, out = 0) => ({ id, name, out, in: 0 });
  const items = [
    item('x1', 'Red phone', 9),
    item('x2', 'Phone case', 1),
    item('x3', 'Phone', 5),
    item('y', 'Lamp'),
  ];
  assert.equal(matching(items, 'phone'), [2, 1, 0]);
  assert.equal(matching(items, 'case PHONE'), [1]);
  assert.equal(matching(items, 'x'), [0, 2, 1]);
  assert.equal(matching(items, 'sofa'), []);
});

test.run();
