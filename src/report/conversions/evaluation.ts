import { DataError } from '../../check.ts';
import { Fields } from '../fields.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

interface Difference extends Interval {
  readonly difference: number;
}

/** How far the weights of a stream can be trusted. */
export interface Health {
  readonly examples: number;
  readonly effective: number;
  readonly effectiveShare: number;
  readonly largest: number;
  readonly clippedShare: number;
  readonly warning?: string;
}

/** One method as it was measured. NaN is what could not be measured: a step without conversions has no AUC. */
export interface MethodMeasured {
  readonly name: string;
  readonly auc: number;
  readonly prAuc: number;
  readonly logLoss: number;
  readonly pcoc: number;
  readonly ece: number;
  readonly riAuc?: number;
  readonly riLogLoss?: number;
  readonly ci: {
    readonly auc: Interval;
    readonly logLoss: Interval;
    readonly riAuc?: Interval;
    readonly riLogLoss?: Interval;
  };
  readonly against: Readonly<Record<string, { readonly auc: Difference; readonly logLoss: Difference }>>;
  readonly bySteps: { readonly auc: number[]; readonly logLoss: number[]; readonly pcoc: number[] };
  readonly calibration: readonly {
    readonly weight: number;
    readonly predicted: number;
    readonly observed: number;
  }[];
  readonly health: Health;
}

/** `conversions evaluate --json`, as far as the page shows it. */
export interface ConversionsEvaluation {
  /** Lowest log loss first. */
  readonly methods: readonly MethodMeasured[];
  readonly steps: readonly {
    readonly from: number;
    readonly to: number;
    readonly rows: number;
    readonly positives: number;
  }[];
  /** Rows judged, rows left out as their label is not final, and rows of the log where that is told. */
  readonly rows: number;
  readonly open: number;
  readonly logRows?: number;
  readonly seed?: number;
  readonly notes: readonly string[];
}

const MOST = 2 ** 53;
/** Metrics have no bound above in theory; this is one for what can be drawn. */
const LARGEST = 1e9;
/** Methods and bins that the page has room for; there are 16 and about 20. */
const METHODS = 100;
const BINS = 1000;

/**
 * The document of `conversions evaluate --json`. A field that is missing, of another kind or out of range is a DataError
 * `bad-json` that names it.
 */
export function readConversionsEvaluation(text: string, file?: string): ConversionsEvaluation {
  const document = Fields.parse(text, file);
  const measured = document.object('methods');
  const { names } = measured;
  if (!(names.length >= 1 && names.length <= METHODS)) {
    const rule = `methods must hold 1 to ${METHODS} methods, got ${names.length}`;
    throw new DataError(rule, { code: 'bad-json', file });
  }
  const steps = document.objects('steps').map((step) => ({
    from: step.number('from', -MOST, MOST),
    to: step.number('to', -MOST, MOST),
    rows: step.number('rows', 0, MOST),
    positives: step.number('positives', 0, MOST),
  }));
  const methods = names.map((name) => methodOf(name, measured.object(name), names, steps.length));
  const last = (value: number) => (Number.isNaN(value) ? Infinity : value);
  return {
    methods: methods.sort((a, b) => (last(a.logLoss) < last(b.logLoss) ? -1 : 1)),
    steps,
    rows: document.number('rows', 0, MOST),
    open: document.number('open', 0, MOST),
    logRows: document.objectIf('counts')?.numberIf('rows', 0, MOST),
    seed: document.objectIf('settings')?.numberIf('seed', 0, MOST),
    notes: document.texts('notes'),
  };
}

function methodOf(name: string, fields: Fields, names: readonly string[], steps: number): MethodMeasured {
  const ci = fields.object('ci');
  const against = fields.objectIf('against');
  const bySteps = fields.object('bySteps');
  const calibration = fields.objects('calibration');
  if (calibration.length > BINS) {
    const rule = `methods.${name.slice(0, 60)}.calibration must hold at most ${BINS} bins, got ${calibration.length}`;
    throw new DataError(rule, { code: 'bad-json', file: fields.file });
  }
  const differences = names
    .filter((other) => other !== name)
    .map((other) => {
      const pair = (against ?? fields.object('against')).object(other);
      return [
        other,
        { auc: differenceOf(pair.object('auc')), logLoss: differenceOf(pair.object('logLoss')) },
      ] as const;
    });
  const gap = (part: 'riAuc' | 'riLogLoss') =>
    fields.has(part) && ci.has(part)
      ? { value: fields.number(part, -LARGEST, LARGEST), interval: intervalOf(ci.object(part)) }
      : undefined;
  const [riAuc, riLogLoss] = [gap('riAuc'), gap('riLogLoss')];
  return {
    name,
    auc: fields.measured('auc', 0, 1),
    prAuc: fields.measured('prAuc', 0, 1),
    logLoss: fields.measured('logLoss', 0, LARGEST),
    pcoc: fields.measured('pcoc', 0, LARGEST),
    ece: fields.measured('ece', 0, 1),
    riAuc: riAuc?.value,
    riLogLoss: riLogLoss?.value,
    ci: {
      auc: intervalOf(ci.object('auc')),
      logLoss: intervalOf(ci.object('logLoss')),
      riAuc: riAuc?.interval,
      riLogLoss: riLogLoss?.interval,
    },
    against: Object.fromEntries(differences),
    bySteps: {
      auc: bySteps.measurements('auc', steps, 0, 1),
      logLoss: bySteps.measurements('logLoss', steps, 0, LARGEST),
      pcoc: bySteps.measurements('pcoc', steps, 0, LARGEST),
    },
    calibration: calibration.map((bin) => ({
      weight: bin.number('weight', 0, MOST),
      predicted: bin.number('predicted', 0, 1),
      observed: bin.number('observed', 0, 1),
    })),
    health: healthOf(fields.object('health')),
  };
}

const intervalOf = (fields: Fields): Interval => ({
  low: fields.measured('low', -LARGEST, LARGEST),
  high: fields.measured('high', -LARGEST, LARGEST),
});

const differenceOf = (fields: Fields): Difference => ({
  difference: fields.measured('difference', -LARGEST, LARGEST),
  ...intervalOf(fields),
});

const healthOf = (fields: Fields): Health => ({
  examples: fields.number('examples', 0, MOST),
  effective: fields.number('effective', 0, MOST),
  effectiveShare: fields.number('effectiveShare', 0, 1 + 1e-9),
  largest: fields.number('largest', 0, Number.MAX_VALUE),
  clippedShare: fields.number('clippedShare', 0, 1),
  warning: fields.text('warning') || undefined,
});
