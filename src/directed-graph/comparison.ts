import type { Metrics } from './evaluate.ts';

/** One method against another over the same test edges, in hitRate@10. */
export interface Comparison {
  /** The other method. */
  method: string;
  /** hitRate@10 of the judged method less that of the other. */
  gain: number;
  mrrGain: number;
  /** Standard error of `gain`; `paired` over the edges that only one of the two finds, else as if independent. */
  error: number;
  paired: boolean;
}

export type Outcome = 'better' | 'somewhat better' | 'no difference' | 'somewhat worse' | 'worse';

/** Compares over the test edges at positions `chosen`, all when absent; `chosen` needs the ranks of both. */
export function compared(
  judged: Metrics,
  name: string,
  other: Metrics,
  chosen?: readonly number[],
): Comparison {
  const [a, b] = [judged.ranks, other.ranks];
  const gain = judged['hitRate@10'] - other['hitRate@10'];
  const mrrGain = judged['mrr@10'] - other['mrr@10'];
  if (!a || !b) {
    const [x, y] = [judged['hitRate@10Error'], other['hitRate@10Error']];
    return { method: name, gain, mrrGain, error: Math.sqrt(x * x + y * y), paired: false };
  }
  const at = chosen ?? Array.from(a.keys());
  const reciprocal = (rank: number) => (rank <= 10 ? 1 / rank : 0);
  let only = 0;
  let onlyOther = 0;
  let mrr = 0;
  for (const i of at) {
    if (a[i] <= 10 && b[i] > 10) only++;
    if (b[i] <= 10 && a[i] > 10) onlyOther++;
    mrr += reciprocal(a[i]) - reciprocal(b[i]);
  }
  // If both were equally good: only edges that one finds and the other does not tell them apart (McNemar).
  const error = Math.sqrt(only + onlyOther) / at.length;
  return {
    method: name,
    gain: (only - onlyOther) / at.length,
    mrrGain: mrr / at.length,
    error,
    paired: true,
  };
}

/** Clear from 2 standard errors on, somewhat from 1. */
export function outcomeOf({ gain, error }: Comparison): Outcome {
  if (!(Math.abs(gain) >= error && gain !== 0)) return 'no difference';
  const side = gain > 0 ? 'better' : 'worse';
  return Math.abs(gain) >= 2 * error ? side : `somewhat ${side}`;
}

/** Whether "no difference" may be said: a gain of five points would have been seen. */
export const tells = ({ error }: Comparison): boolean => 2 * error <= 0.05;
