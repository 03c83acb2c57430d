import type { RelatedEvaluation } from './evaluation.ts';

/** Everything the page of a related-products model is made of: plain values, as the rooms are none of the page's concern. */
export interface RelatedContent {
  readonly model: {
    readonly file: string;
    readonly bytes: number;
    /** SHA-256 of what answers. */
    readonly hash: string;
    /** JSON of the model's file, shown as it is. */
    readonly card: unknown;
  };
  /** Version of the program. */
  readonly version: string;
  readonly data: DataPart;
  readonly training: TrainingPart;
  readonly survey: Survey;
  readonly items: readonly ItemPart[];
  /** What the scores of the answers are, in words. */
  readonly scores: string;
  readonly evaluation?: RelatedEvaluation;
  /** What each method of the evaluation does, by its name. */
  readonly methodWords: Readonly<Record<string, string>>;
  /** Command lines that make this page again. */
  readonly commands: readonly string[];
}

export interface DataPart {
  readonly nodes: number;
  readonly edges: number;
  /** u32[nodes]: how many products each leads to, and how many lead to it. */
  readonly outDegree: Uint32Array;
  readonly inDegree: Uint32Array;
  /** Share of the pairs whose reverse is a pair too. */
  readonly reciprocal: number;
  /** Added after training. */
  readonly added?: { readonly nodes: number; readonly edges: number };
  /** What the training read, where it kept that. */
  readonly read: readonly (readonly [name: string, value: string])[];
  readonly rejected: readonly RejectedPart[];
  readonly notes: readonly string[];
}

export interface RejectedPart {
  readonly file: string;
  readonly column: string;
  readonly rows: number;
  /** What was wrong with the first. */
  readonly reason: string;
}

export interface TrainingPart {
  readonly steps: number;
  readonly bestStep: number;
  readonly history: readonly { readonly step: number; readonly loss: number; readonly hitRate: number }[];
  /** Quality on pairs set aside while training. */
  readonly validation?: { readonly edges: number; readonly hitRate: number; readonly mrr: number };
  readonly ranking?: RankingPart;
}

/** How the ranker was fitted over the learned vectors and counts. */
export interface RankingPart {
  /** Whether it answers, or why it does not. */
  readonly used: boolean;
  readonly why: string;
  /** Queries set aside, each judged by a fit that had not seen it, and what was found for them. */
  readonly queries: number;
  readonly heldOut: readonly { readonly method: string; readonly hitRate: number; readonly mrr: number }[];
  /** The weight of each piece of evidence, a standard deviation of it each. */
  readonly weights: readonly (readonly [evidence: string, weight: number])[];
}

/** The model's own first ten answers for many products. */
export interface Survey {
  readonly asked: number;
  readonly nodes: number;
  readonly answers: number;
  /** Share of all products that are among some product's answers. */
  readonly coverage: number;
  /** Share of the answers, and of the pairs in the data, outside the fifth of the products that most others lead to. */
  readonly tailShare: number;
  readonly tailOfPairs: number;
  /** Share of the answers A -> B, B asked too, with A among the answers to B. */
  readonly symmetric: number;
  /** f64[10]: shares of the answers and of the pairs by tenth of the products, those that most lead to first. */
  readonly answersByTenth: Float64Array;
  readonly pairsByTenth: Float64Array;
  /** Answers by where they come from: the model, or counts and why. */
  readonly sources: readonly (readonly [source: string, answers: number])[];
}

export interface ItemPart {
  readonly id: string;
  readonly name?: string;
  /** Products it leads to, and that lead to it. */
  readonly out: number;
  readonly in: number;
  readonly answers: readonly AnswerPart[];
}

export interface AnswerPart {
  readonly id: string;
  readonly name?: string;
  readonly score: number;
  /** In the data already. */
  readonly known: boolean;
  readonly why: string;
}
