import type { Metrics, Verdict } from '../index.ts';
import { METHOD_WORDS } from '../index.ts';
import { counted, type Output, percent } from './output.ts';

/** The methods sorted by how often they hit, then the verdict. */
export function tellMethods(out: Output, methods: Record<string, Metrics>, { lines }: Verdict): void {
  const sorted = Object.entries(methods).sort(([, a], [, b]) => b['hitRate@10'] - a['hitRate@10']);
  if (sorted.length === 0) return;
  out.line();
  out.line(
    `How often the hidden product is among the first ten (of ${counted(sorted[0][1].edges, 'hidden pair')}):`,
  );
  const share = (value: number | undefined) => (value === undefined ? '' : percent(value, 1));
  out.table(
    '<<>>>>',
    ['method', '', 'first 10', '+-', 'MRR@10', 'right way round'],
    sorted.map(([name, m]) => [
      name,
      METHOD_WORDS[name] ?? '',
      share(m['hitRate@10']),
      share(m['hitRate@10Error']),
      m['mrr@10'].toFixed(3),
      share(m.directionPaired),
    ]),
  );
  out.line();
  for (const line of lines) out.line(line);
}
