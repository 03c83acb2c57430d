import {
  categoricalColumn,
  type EncodedRows,
  type FeatureColumn,
  FeaturePipeline,
  type FeatureTable,
  numericColumn,
} from '../../src/nn/tabular/index.ts';
import { columns, dataset, texts } from '../../test/helpers/data.ts';

/** What is known when a booking is made. */
const FEATURES = [
  'lead_time',
  'arrival_date_year',
  'arrival_date_month',
  'arrival_date_week_number',
  'arrival_date_day_of_month',
  'stays_in_weekend_nights',
  'stays_in_week_nights',
  'adults',
  'children',
  'babies',
  'meal',
  'market_segment',
  'distribution_channel',
  'is_repeated_guest',
  'previous_cancellations',
  'previous_bookings_not_canceled',
  'reserved_room_type',
  'deposit_type',
  'agent',
  'company',
  'customer_type',
  'adr',
] as const;

export interface Hotel {
  table: FeatureTable;
  label: Float64Array;
  bookDay: Float64Array;
  /** Rows with the same features share a number: one group booking. */
  group: Uint32Array;
  nonRefund: Uint8Array;
}

/** The bookings of hotel_city, or undefined when they are not on this machine. */
export function loadHotel(): Hotel | undefined {
  const folder = dataset('hotel_city');
  if (folder === undefined) return undefined;
  const path = `${folder}/bookings.csv.gz`;
  const { y, book_day } = columns(path, ['y', 'book_day']);
  const words = texts(path, FEATURES);
  const table: FeatureColumn[] = FEATURES.map((name) =>
    name === 'lead_time' || name === 'adr'
      ? numericColumn(name, words[name].map(Number))
      : categoricalColumn(name, words[name]),
  );
  const known = new Map<string, number>();
  const group = Uint32Array.from(y, (_, i) => {
    const key = FEATURES.map((name) => words[name][i]).join('\t');
    const found = known.get(key) ?? known.size;
    known.set(key, found);
    return found;
  });
  return {
    table: { rows: y.length, columns: table },
    label: y,
    bookDay: book_day,
    group,
    nonRefund: Uint8Array.from(words.deposit_type, (word) => Number(word === 'Non Refund')),
  };
}

/** The rows `index` of all columns of a table. */
export function tableRows(table: FeatureTable, index: Uint32Array): FeatureTable {
  return {
    rows: index.length,
    columns: table.columns.map((column) =>
      column.kind === 'numeric'
        ? { ...column, values: Float64Array.from(index, (i) => column.values[i]) }
        : { ...column, codes: Uint32Array.from(index, (i) => column.codes[i]) },
    ),
  };
}

export interface SplitRows {
  train: Uint32Array;
  calibration: Uint32Array;
  test: Uint32Array;
}

/** 50/25/25 by `unit` (a group's number, or a day): units below each cut of `at` go to the part before it. */
export function splitBy(unit: ArrayLike<number>, rows: Uint32Array, cuts: [number, number]): SplitRows {
  return {
    train: rows.filter((i) => unit[i] < cuts[0]),
    calibration: rows.filter((i) => unit[i] >= cuts[0] && unit[i] < cuts[1]),
    test: rows.filter((i) => unit[i] >= cuts[1]),
  };
}

/** Rows of a part encoded by a pipeline that has seen the training rows alone. */
export function encode(table: FeatureTable, split: SplitRows): Record<keyof SplitRows, EncodedRows> {
  const pipeline = FeaturePipeline.fit(table, split.train, { bits: 16 });
  const part = (index: Uint32Array) => pipeline.encode(tableRows(table, index));
  return { train: part(split.train), calibration: part(split.calibration), test: part(split.test) };
}
