import type { Lead } from './catalogue.ts';
import type { TruthKind } from './families.ts';

/**
 * The relation behind the orders, one row a directed pair, sorted by source. `strength` is the probability that one
 * purchase of the source makes its buyer buy the target later; for `substitute` it is the probability that the buyer
 * of the source has looked at the target.
 */
export interface Truth {
  source: Int32Array;
  target: Int32Array;
  strength: Float64Array;
  kind: TruthKind[];
}

/** A buyer looks at this many alternatives on either side in the list, each with the probability beside it. */
const LOOKED_AT = [0.3, 0.15];

/** Rows of all leads (buying the same again is no relation) and of neighbours among alternatives, both ways. */
export function makeTruth(leads: Lead[][], alternatives: number[][]): Truth {
  const rows: { source: number; target: number; strength: number; kind: TruthKind }[] = [];
  leads.forEach((ofSource, source) => {
    for (const { kind, strength, targets, shares } of ofSource) {
      if (kind === 'again') continue;
      const total = shares[shares.length - 1];
      targets.forEach((target, i) => {
        const share = (shares[i] - (i > 0 ? shares[i - 1] : 0)) / total;
        // Six decimals: 0.225 for the 0.22499999999999998 that 0.75 * 0.3 is.
        rows.push({ source, target, strength: Math.round(strength * share * 1e6) / 1e6, kind });
      });
    }
  });
  for (const group of alternatives) {
    LOOKED_AT.forEach((strength, gap) => {
      for (let i = 0; i + gap + 1 < group.length; i++) {
        const [a, b] = [group[i], group[i + gap + 1]];
        rows.push({ source: a, target: b, strength, kind: 'substitute' });
        rows.push({ source: b, target: a, strength, kind: 'substitute' });
      }
    });
  }
  rows.sort((a, b) => a.source - b.source || a.target - b.target);
  return {
    source: Int32Array.from(rows, (row) => row.source),
    target: Int32Array.from(rows, (row) => row.target),
    strength: Float64Array.from(rows, (row) => row.strength),
    kind: rows.map((row) => row.kind),
  };
}
