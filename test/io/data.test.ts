import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ColumnSpec, readTable } from '../../src/io/index.ts';
import { openInput } from '../../src/io/node.ts';
import { edgeSchema } from '../helpers/io-table.ts';

const FOLDER = process.env.FLETCHING_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Rows as the README of each set gives them. */
const SETS: [path: string, rows: number, schema: () => Record<string, ColumnSpec>][] = [
  ['amazon-cellphones/edges_full.csv.gz', 589_504, edgeSchema],
  ['amazon-cellphones/edges.csv.gz', 235_458, edgeSchema],
  ['amazon-cellphones/split.csv.gz', 235_458, () => ({ split: { type: 'category' } })],
  [
    'amazon-cellphones/nodes.csv.gz',
    10_429,
    () => ({ asin: { type: 'id' }, brand: { type: 'category' }, categories: { type: 'text' } }),
  ],
  ['cora-ml/edges.csv.gz', 8_416, edgeSchema],
  [
    'cora-ml/features.csv.gz',
    151_171,
    () => ({ node: { type: 'id' }, feature: { type: 'id' }, value: { type: 'f64' } }),
  ],
  ['wikispeedia/edges.csv.gz', 119_769, edgeSchema],
  ['wikispeedia/nodes.csv.gz', 4_598, () => ({ title: { type: 'id' }, categories: { type: 'text' } })],
  ['online-retail/edges.csv.gz', 116_545, edgeSchema],
  [
    'online-retail/transactions.csv.gz',
    265_427,
    () => ({
      customer: { type: 'id' },
      order: { type: 'id', name: 'invoice' },
      item: { type: 'id' },
      timestamp: { type: 'time' },
    }),
  ],
  [
    'completejourney_coupons/redemptions.csv.gz',
    2_102,
    () => ({ household_id: { type: 'id' }, day: { type: 'f64' } }),
  ],
  [
    'completejourney_coupons/pairs.csv.gz',
    6_589,
    () => ({ household_id: { type: 'id' }, first_redeem_day: { type: 'f64', empty: Number.NaN } }),
  ],
  [
    'bpi2012_loans/events.csv.gz',
    262_200,
    () => ({ case_id: { type: 'id' }, t: { type: 'time' }, activity: { type: 'category' } }),
  ],
  [
    'bpi2012_loans/cases.csv.gz',
    13_087,
    () => ({ case_id: { type: 'id' }, conv_t: { type: 'time', empty: Number.NaN } }),
  ],
  [
    'hotel_city/bookings.csv.gz',
    79_330,
    () => ({ row_id: { type: 'id' }, y: { type: 'f64', min: 0, max: 1 } }),
  ],
  [
    'planted_score_uncertainty/table.csv.gz',
    120_000,
    () => ({ split: { type: 'category' }, score: { type: 'f64', min: 0, max: 1 } }),
  ],
  [
    'synthetic_delay/stream.csv.gz',
    80_000,
    () => ({ id: { type: 'id' }, delay: { type: 'f64', empty: Number.NaN } }),
  ],
];

for (const [path, rows, schema] of SETS) {
  const present = existsSync(join(FOLDER, path));
  const add = present ? test : test.skip;
  if (!present) console.log(`skipped, not in ${FOLDER}: ${path}`);
  add(`${path} has ${rows} rows, all good`, async () => {
    const table = await readTable(await openInput(join(FOLDER, path)), schema());
    assert.is(table.rows, rows);
    assert.is(table.bad.count, 0);
    assert.is(table.line[rows - 1], rows + 1);
  });
}

test.run();
