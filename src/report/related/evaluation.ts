import { DataError } from '../../check.ts';
import { Fields } from '../fields.ts';

export interface DegreeBucket {
  readonly range: string;
  readonly edges: number;
  readonly hitRate: number;
}

/** What the page shows of one method. Shares are in [0, 1]; one that was not measured is absent. */
export interface MethodQuality {
  readonly name: string;
  readonly hitRate: number;
  readonly error: number;
  readonly mrr: number;
  readonly byOutDegree: readonly DegreeBucket[];
  readonly byInDegree: readonly DegreeBucket[];
  readonly coverage?: number;
  readonly tailShare?: number;
  readonly directionPaired?: number;
  readonly directionMatched?: number;
  readonly directionAuc?: number;
  readonly symmetric?: { readonly answers: number; readonly train: number; readonly known: number };
}

/** `related evaluate --json`, as far as the page shows it. */
export interface RelatedEvaluation {
  readonly nodes: number;
  readonly edges: number;
  readonly hidden: number;
  readonly splitKind: string;
  readonly seed?: number;
  /** Best first. */
  readonly methods: readonly MethodQuality[];
  readonly verdict: readonly string[];
  /** Direction AUC of the ranker's score, with the offset, by the head, and of degrees alone. */
  readonly direction?: {
    readonly edges: number;
    readonly raw: number;
    readonly offset: number;
    readonly head: number;
    readonly degrees: number;
  };
  readonly notes: readonly string[];
}

const MOST = 2 ** 53;
/** Methods that the page has room for; there are about a dozen. */
const METHODS = 100;

/** The document of `related evaluate --json`. A field of another kind or out of range is a DataError that names it. */
export function readEvaluation(text: string, file?: string): RelatedEvaluation {
  const document = Fields.parse(text, file);
  const measured = document.object('methods');
  if (!(measured.names.length >= 1 && measured.names.length <= METHODS)) {
    const rule = `methods must hold 1 to ${METHODS} methods, got ${measured.names.length}`;
    throw new DataError(rule, { code: 'bad-json', file });
  }
  const split = document.object('split');
  const direction = document.objectIf('direction');
  const verdict = document.objectIf('verdict');
  const methods = measured.names.map((name) => methodOf(name, measured.object(name)));
  return {
    nodes: document.number('nodes', 0, MOST),
    edges: document.number('edges', 0, MOST),
    hidden: split.number('test', 0, MOST),
    splitKind: split.text('kind'),
    seed: split.numberIf('seed', 0, MOST),
    methods: methods.sort((a, b) => b.hitRate - a.hitRate),
    verdict: verdict?.texts('lines') ?? [],
    direction: direction && {
      edges: direction.number('edges', 0, MOST),
      raw: direction.number('raw', 0, 1),
      offset: direction.number('offset', 0, 1),
      head: direction.number('head', 0, 1),
      degrees: direction.number('degrees', 0, 1),
    },
    notes: document.texts('notes'),
  };
}

function methodOf(name: string, fields: Fields): MethodQuality {
  const audit = fields.objectIf('symmetricPairAudit');
  return {
    name,
    hitRate: fields.number('hitRate@10', 0, 1),
    error: fields.number('hitRate@10Error', 0, 1),
    mrr: fields.number('mrr@10', 0, 1),
    byOutDegree: fields.objects('byOutDegree').map(bucketOf),
    byInDegree: fields.objects('byInDegree').map(bucketOf),
    coverage: fields.numberIf('coverage@10', 0, 1),
    tailShare: fields.numberIf('tailShare@10', 0, 1),
    directionPaired: fields.numberIf('directionPaired', 0, 1),
    directionMatched: fields.numberIf('directionPairedMatched', 0, 1),
    directionAuc: fields.numberIf('directionAuc', 0, 1),
    symmetric: audit && {
      answers: audit.number('answers', 0, 1),
      train: audit.number('train', 0, 1),
      known: audit.number('known', 0, 1),
    },
  };
}

const bucketOf = (fields: Fields): DegreeBucket => ({
  range: fields.text('range'),
  edges: fields.number('edges', 0, MOST),
  hitRate: fields.number('hitRate@10', 0, 1),
});
