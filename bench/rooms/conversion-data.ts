import { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { categoricalColumn, numericColumn } from '../../src/nn/tabular/table.ts';
import { columns, dataset, texts } from '../../test/helpers/data.ts';

export interface ConversionSet {
  log: ConversionLog;
  /** The protocol of the set. */
  pretrainUntil: number;
  until: number;
  step: number;
  /** Ages of section 2.8; without them the room chooses its own. */
  ages: number[];
  /** Closed form, by row of the log: P(y), P before the cut, delay scale. */
  truth?: Record<'p_true' | 'p_raw' | 'delay_scale', Float64Array>;
}

export const SETS = ['synthetic_delay', 'hotel_city'] as const;

/** A delayed-label set with its protocol, or undefined when it is not on this machine. */
export function loadConversions(name: string): ConversionSet | undefined {
  const folder = dataset(name);
  if (folder === undefined) return undefined;
  return name === 'hotel_city' ? hotel(`${folder}/bookings.csv.gz`) : synthetic(`${folder}/stream.csv.gz`);
}

function synthetic(path: string): ConversionSet {
  const numbers = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'] as const;
  const words = texts(path, ['c0', 'c1', 'c2', 'id']);
  const given = columns(path, [
    ...numbers,
    't0',
    'delay',
    'cart_delay',
    'revisit_delay',
    'p_true',
    'p_raw',
    'delay_scale',
  ]);
  const features = {
    rows: given.t0.length,
    columns: [
      ...numbers.map((n) => numericColumn(n, given[n])),
      ...(['c0', 'c1', 'c2'] as const).map((c) => categoricalColumn(c, words[c])),
    ],
  };
  const log = new ConversionLog(
    {
      id: words.id,
      time: given.t0,
      conversionDelay: given.delay,
      signalDelays: { cart: given.cart_delay, revisit: given.revisit_delay },
      features,
    },
    { window: 30 },
  );
  return {
    log,
    pretrainUntil: 20,
    until: 58,
    step: 1,
    ages: [0.1, 0.2, 0.35, 0.6, 1, 1.6, 2.5, 4, 6, 9, 13, 18, 24],
    truth: { p_true: given.p_true, p_raw: given.p_raw, delay_scale: given.delay_scale },
  };
}

const HOTEL_FEATURES = [
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

function hotel(path: string): ConversionSet {
  const words = texts(path, [...HOTEL_FEATURES, 'row_id']);
  const { book_day, cancel_day, lead_time, adr } = columns(path, [
    'book_day',
    'cancel_day',
    'lead_time',
    'adr',
  ]);
  const features = {
    rows: book_day.length,
    columns: HOTEL_FEATURES.map((name) =>
      name === 'lead_time' || name === 'adr'
        ? numericColumn(name, name === 'adr' ? adr : lead_time)
        : categoricalColumn(name, words[name]),
    ),
  };
  const log = new ConversionLog(
    { id: words.row_id, time: book_day, conversion: cancel_day, features },
    { window: lead_time },
  );
  return {
    log,
    pretrainUntil: 1064,
    until: 1484,
    step: 7,
    ages: [1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 55, 75, 100, 130, 170, 220, 290, 365],
  };
}

/** Loan applications with their signals, for flips; history before day 60. */
export function loadLoans(): ConversionLog | undefined {
  const folder = dataset('bpi2012_loans');
  if (folder === undefined) return undefined;
  const path = `${folder}/cases.csv.gz`;
  const signals = ['preaccepted_t', 'accepted_t', 'offer_sent_t', 'offer_back_t', 'neg_t'] as const;
  const given = columns(path, ['t0', 'amount_req', 'conv_t', ...signals]);
  const { case_id, hour, weekday } = texts(path, ['case_id', 'hour', 'weekday']);
  return new ConversionLog({
    id: case_id,
    time: given.t0,
    conversion: given.conv_t,
    negative: given.neg_t,
    signals: Object.fromEntries(signals.map((name) => [name, given[name]])),
    features: {
      rows: case_id.length,
      columns: [
        numericColumn('amount_req', given.amount_req),
        categoricalColumn('hour', hour),
        categoricalColumn('weekday', weekday),
      ],
    },
  });
}

/** Coupons mailed to households and redeemed: pairs of household and campaign. History before day 200. */
export function loadCoupons(): ConversionLog | undefined {
  const folder = dataset('completejourney_coupons');
  if (folder === undefined) return undefined;
  const path = `${folder}/pairs.csv.gz`;
  const { start_day, end_day, delay_days, n_coupons } = columns(path, [
    'start_day',
    'end_day',
    'delay_days',
    'n_coupons',
  ]);
  const names = ['campaign_type', 'age', 'income', 'household_size', 'kids_count'] as const;
  const words = texts(path, names);
  return new ConversionLog(
    {
      time: start_day,
      conversionDelay: delay_days,
      features: {
        rows: start_day.length,
        columns: [
          numericColumn('n_coupons', n_coupons),
          ...names.map((name) => categoricalColumn(name, words[name])),
        ],
      },
    },
    { windowEnd: end_day },
  );
}
