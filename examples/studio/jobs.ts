/** What the page asks and a worker answers: plain values, as they cross from one to the other. */
import type { DelayCurve, PolicyJson } from '../../src/index.ts';
import type { BadRow, TableFormat } from '../../src/io/index.ts';
import type { RelatedContent } from '../../src/report/related/content.ts';
import type { Plane, Point } from '../../src/report/thresholds/content.ts';

/** What a file holds. */
export type Kind = 'orders' | 'edges' | 'events' | 'scores';

/** A file as the user says it is to be read, or data with known truth. */
export type Source = FileSource | { readonly from: 'simulation'; readonly seed: number };

export interface FileSource {
  readonly from: 'file';
  readonly kind: Kind;
  readonly file: File;
  /** What stands between the columns, where it is not a comma, and the format, where the name does not say. */
  readonly delimiter?: string;
  readonly format?: TableFormat;
  /** Column name to role; see roles.ts. */
  readonly roles: Readonly<Record<string, string>>;
}

/** The first rows of a file and what they seem to be. */
export interface Looked {
  readonly columns: readonly { readonly name: string; readonly samples: readonly string[] }[];
  readonly delimiter?: string;
  readonly format?: TableFormat;
}

/** What every reading tells. */
export interface Reading {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly notes: readonly string[];
  readonly bad: BadRows;
}

/** Rows left out: how many, of which kinds, and the first of them. */
export interface BadRows {
  readonly count: number;
  readonly kinds: readonly { readonly column: string; readonly reason: string; readonly rows: number }[];
  readonly first: readonly BadRow[];
}

export interface ShopInput {
  readonly source: Source;
  /** Times a pair must have happened. */
  readonly minSupport: number;
  /** How much more often than by chance. */
  readonly minLift: number;
  readonly mode: 'next' | 'co-purchase';
}

export interface ShopItem {
  readonly id: string;
  readonly name: string;
  /** Products it leads to, and that lead to it. */
  readonly out: number;
  readonly in: number;
}

export interface ShopRead extends Reading {
  readonly nodes: number;
  readonly edges: number;
  /** Products by node. */
  readonly items: readonly ShopItem[];
  readonly estimate: { readonly bytes: number; readonly seconds: number };
}

export interface TrainInput {
  readonly steps: number;
  readonly directionLoss: number;
  readonly seed: number;
}

export interface Trained {
  readonly steps: number;
  readonly bestStep: number;
  readonly seconds: number;
  readonly hash: string;
  /** On the pairs set aside in training. */
  readonly hitRate?: number;
  /** What ranks the answers, in words. */
  readonly ranking: string;
}

export interface Answer {
  readonly node: number;
  readonly known: boolean;
  /** Customers (or the weight) behind the pair in the data. */
  readonly weight: number;
  /** The strongest reasons with their shares; a single one without a share where counts answer. */
  readonly why: readonly { readonly text: string; readonly share?: number }[];
}

/** An item that has this one among its first ten answers, or leads here in the data. */
export interface Lead {
  readonly node: number;
  /** Its place among the answers, from 1; 0 where only the data say so. */
  readonly place: number;
  readonly weight: number;
}

export interface Asked {
  readonly node: number;
  readonly answers: readonly Answer[];
  readonly leads: readonly Lead[];
  /** Pairs of the data around the item, heaviest first. */
  readonly before: readonly Neighbour[];
  readonly after: readonly Neighbour[];
}

export interface Neighbour {
  readonly node: number;
  readonly weight: number;
  /** What it leads to in turn, heaviest first. */
  readonly next: readonly { readonly node: number; readonly weight: number }[];
}

export interface JudgedMethod {
  readonly name: string;
  readonly words: string;
  readonly hitRate: number;
  readonly error: number;
  readonly mrr: number;
  readonly direction?: number;
}

export interface Judgement {
  readonly lines: readonly string[];
  readonly hidden: number;
  /** Best first. */
  readonly methods: readonly JudgedMethod[];
  /** The whole document as `related evaluate --json` prints it. */
  readonly document: string;
}

export interface EventsInput {
  readonly source: Source;
  /** As `30d`; for plain numbers the unit of the file. */
  readonly window: string;
  readonly unit: 'days' | 'hours' | 'minutes' | 'seconds';
}

export interface EventsRead extends Reading {
  readonly curve: DelayCurve;
  /** Days; absent where each row has its own. */
  readonly window: number | undefined;
}

export interface ComparedMethod {
  readonly name: string;
  readonly words: string;
  readonly logLoss: number;
  readonly auc: number;
  readonly pcoc: number;
  readonly gap?: number;
  readonly gapInterval?: { readonly low: number; readonly high: number };
  /** Log loss by step, where it could be measured. */
  readonly bySteps: readonly number[];
}

export interface Compared {
  readonly lines: readonly string[];
  readonly rows: number;
  /** Best first. */
  readonly methods: readonly ComparedMethod[];
  /** The end of each step, days from the first. */
  readonly days: readonly number[];
}

export interface ScoresRead extends Reading {
  readonly hasUncertainty: boolean;
  /** Share of positives: what acting on everything keeps right. */
  readonly base: number;
}

export interface BoundaryInput {
  readonly precision: number;
  readonly certify: boolean;
}

export interface BoundaryFound {
  readonly input: BoundaryInput;
  readonly lines: readonly string[];
  readonly points: readonly Point[];
  readonly gain?: { readonly gain: number; readonly interval: readonly [number, number] };
  readonly plane?: Plane;
  readonly policy: PolicyJson;
}

/** Every job with what it takes and gives. */
export interface Jobs {
  look: [File, Looked];
  shop: [ShopInput, ShopRead];
  train: [TrainInput, Trained];
  /** All answers, for the reverse question; before that `ask` knows the data alone. */
  reverse: [undefined, { readonly items: number }];
  ask: [number, Asked];
  judge: [ShopInput & TrainInput, Judgement];
  modelFile: [undefined, Uint8Array<ArrayBuffer>];
  answers: [number, string];
  report: [undefined, RelatedContent];
  events: [EventsInput, EventsRead];
  compare: [readonly string[], Compared];
  scores: [Source, ScoresRead];
  boundary: [BoundaryInput, BoundaryFound];
}
export type JobName = keyof Jobs;

/** How far a job is. */
export interface Progress {
  readonly stage: string;
  readonly step: number;
  readonly total: number;
  readonly detail?: string;
  /** Loss at each step since the last message. */
  readonly losses?: readonly (readonly [step: number, loss: number])[];
  readonly etaMs?: number;
}

export type ToWorker =
  | { readonly id: number; readonly job: JobName; readonly input: unknown }
  | { readonly cancel: number };

/** What went wrong, in the typed error's words. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** Rows that had been left out by then. */
  readonly bad?: BadRows;
}

export type FromWorker =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };
