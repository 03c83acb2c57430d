import { type Reason, type Recommendation, reasonText } from '../index.ts';
import { printable } from './errors.ts';
import { type Output, percent } from './output.ts';

type Names = ReadonlyMap<string, string> | undefined;

/** Reasons shown a answer; the document has all. */
const SHOWN = 2;

/** A list of reasons with the words for each. */
export const reasonsFor = (reasons: readonly Reason[], names: Names) =>
  reasons.map(({ node: _, ...reason }) => ({
    ...reason,
    text: reasonText(reason, (id) => names?.get(id) ?? id),
  }));

/** A query and its answers as a table for people. */
export function printAnswers(
  out: Output,
  query: readonly string[],
  answers: readonly Recommendation[],
  names: Names,
): void {
  const titles = query.map((id) => printable(names?.has(id) ? `${names.get(id)} (${id})` : id));
  out.line(`Customers who bought ${titles.join(' and ')} next buy:`);
  if (answers.length === 0) {
    out.line('  nothing is left to recommend');
    return;
  }
  const explained = answers.some(({ explanation }) => explanation);
  const head = ['', 'id', ...(names ? ['name'] : []), 'score', 'known?', ...(explained ? ['why'] : [])];
  const rows = answers.map(({ id, score, known, explanation }, rank) => [
    String(rank + 1),
    id,
    ...(names ? [names.get(id) ?? ''] : []),
    score.toFixed(3),
    known ? 'seen in the data' : 'new',
    ...(explained ? [why(explanation ?? [], names)] : []),
  ]);
  out.table(`><${names ? '<' : ''}><${explained ? '<' : ''}`, head, rows);
  // One line for each stretch of answers that do not come from the model.
  let from = 0;
  answers.forEach(({ source, reason }, i) => {
    if (i + 1 < answers.length && answers[i + 1].reason === reason) return;
    const places = from === i ? `Answer ${i + 1}` : `Answers ${from + 1} to ${i + 1}`;
    if (source !== 'model') out.line(`  ${places}: ${printable(reason)}`);
    from = i + 1;
  });
}

/** Reasons that name no other product. */
const OWN: readonly string[] = ['query', 'answer', 'sales', 'rare', 'network', 'cart', 'popularity'];

/** The strongest reasons for an answer, in words: what other customers did before what the products themselves are like. */
export function why(reasons: readonly Reason[], names: Names): string {
  const own = ({ kind }: Reason) => OWN.includes(kind);
  const good = reasons.filter(
    ({ kind, contribution }) => kind !== 'rest' && kind !== 'others' && contribution > 0,
  );
  return [...good.filter((reason) => !own(reason)), ...good.filter(own)]
    .slice(0, SHOWN)
    .map((reason) => `${reasonText(reason, (id) => names?.get(id) ?? id)} (${percent(reason.share)})`)
    .join('; ');
}
