import type { BoundaryOptions, Method } from '../uncertainty/boundary-options.ts';
import { boundaryDefaults } from '../uncertainty/boundary-options.ts';
import { LEVELS } from '../uncertainty/grid-options.ts';
import { type Args, under } from './args.ts';
import { UsageError } from './errors.ts';

export const METHODS = ['surface', 'single', 'dynamic', 'isotonic', 'auto'] as const;
const CERTIFICATES = ['crossFit', 'split'] as const;

export const boundOptions = under('Boundary', [
  { name: 'precision', value: 'X', about: 'Share of what is acted on that must be right, as .8' },
  { name: 'recall', value: 'X', about: 'Or: share of the positives that must be found' },
]);

export const methodOption = (preset: Method | 'auto') =>
  under('Boundary', [
    {
      name: 'method',
      value: METHODS.join('|'),
      about: 'Kind of boundary; auto takes one threshold where the uncertainty wins nothing',
      default: preset,
    },
  ]);

export const gridOptions = under('Boundary', [
  {
    name: 'confidence',
    value: 'X',
    about: 'Keep the precision on new rows too, with this chance, as .9',
  },
  {
    name: 'certificate',
    value: CERTIFICATES.join('|'),
    about: 'crossFit: measured; split: proven for independent rows, finds less',
    default: 'crossFit',
  },
  {
    name: 'levels',
    value: 'N',
    about: 'Levels of uncertainty (dynamic, isotonic)',
    default: `${LEVELS}, or as many as have rows`,
  },
  {
    name: 'bins',
    value: 'N',
    about: 'Bins of score in each (dynamic, isotonic)',
    default: boundaryDefaults.bins,
  },
  {
    name: 'nesting',
    value: 'uncertainty-first|score-first',
    about: 'Levels over all rows, or inside each bin of score (dynamic, isotonic)',
    default: 'uncertainty-first',
  },
  { name: 'seed', value: 'N', about: 'Of splits and folds; the same seed gives the same policy', default: 1 },
]);

export const abstainOptions = under('Third answer', [
  {
    name: 'sure-negatives',
    value: 'X',
    about: 'Answer "negative" only where this share surely is, and else "abstain"',
  },
  { name: 'uncertainty-above', value: 'X', about: 'Answer "abstain" above this uncertainty' },
]);

/** A share above 0 and below 1. */
export function shareArg(args: Args, name: string): number | undefined {
  const value = args.real(name, 0, 1);
  if (value !== undefined && !(value > 0 && value < 1)) {
    throw new UsageError(`--${name} must be above 0 and below 1, got ${args.text(name)}`);
  }
  return value;
}

export type BoundArgs = Partial<BoundaryOptions> & { seed: number };

/** Beyond this no number of rows is enough for a test. */
const MOST = 0.999999;

/** What the command line says of the boundary. */
export function boundaryArgs(args: Args): BoundArgs {
  const nesting = args.word('nesting', ['uncertainty-first', 'score-first']);
  const given = {
    precision: shareArg(args, 'precision'),
    recall: shareArg(args, 'recall'),
    method: args.word('method', METHODS),
    confidence: shareArg(args, 'confidence'),
    certificate: args.word('certificate', CERTIFICATES),
    levels: args.integer('levels', 1, 1000),
    bins: args.integer('bins', 2, 10_000),
    nesting,
    abstain: abstainArgs(args),
  };
  if (given.confidence !== undefined && !(given.confidence >= 0.5 && given.confidence <= MOST)) {
    throw new UsageError(`--confidence must be from .5 to ${MOST}, got ${args.text('confidence')}`);
  }
  const { precision } = given;
  if (
    given.confidence !== undefined &&
    precision !== undefined &&
    !(precision >= 1e-6 && precision <= MOST)
  ) {
    throw new UsageError(
      `--precision with --confidence must be from 1e-6 to ${MOST}, got ${args.text('precision')}`,
    );
  }
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defined, seed: args.integer('seed', 0, 2 ** 31) ?? 1 };
}

function abstainArgs(args: Args) {
  const negatives = shareArg(args, 'sure-negatives');
  const uncertaintyAbove = args.real('uncertainty-above', -3.4e38, 3.4e38);
  if (negatives === undefined && uncertaintyAbove === undefined) return undefined;
  return {
    ...(negatives === undefined ? {} : { negatives }),
    ...(uncertaintyAbove === undefined ? {} : { uncertaintyAbove }),
  };
}

/** The bound of a command that makes one policy: a precision or a recall, and rules among the options. */
export function oneBound(args: Args): BoundArgs {
  const bound = boundaryArgs(args);
  if ((bound.precision === undefined) === (bound.recall === undefined)) {
    throw new UsageError('give --precision X or --recall X, one of the two');
  }
  if (bound.confidence !== undefined) {
    if (bound.precision === undefined)
      throw new UsageError('--confidence is for --precision, not for --recall');
    if (bound.method === 'dynamic' || bound.method === 'isotonic') {
      throw new UsageError(
        `--confidence is for the methods surface, single and auto, not for ${bound.method}`,
      );
    }
  } else if (bound.certificate !== undefined) {
    throw new UsageError('--certificate needs --confidence X');
  }
  return bound;
}
