import { type MethodName, methodText } from '../delayed-feedback/methods/names.ts';
import type { MethodResult, Prequential } from '../delayed-feedback/prequential.ts';
import { counted, FEWEST_PAIRS, type Output } from './output.ts';

type Ranked = [name: MethodName, result: MethodResult];

/** Knows what nobody can know: a limit, not a choice. */
const LIMIT = 'oracle';

const number = (value: number | undefined, digits: number): string =>
  value === undefined || !Number.isFinite(value) ? '' : value.toFixed(digits);

/** The methods by log loss, which to use, how much of the gap it closes, and whether to trust it. */
export function tellEvaluation(out: Output, result: Prequential): void {
  const ranked = (Object.entries(result.methods) as Ranked[]).sort(([, a], [, b]) => a.logLoss - b.logLoss);
  out.line();
  out.line('How well the conversions of the next step were predicted, the best first:');
  const gap = ranked.some(([, m]) => m.riLogLoss !== undefined);
  out.table(
    gap ? '<>>>>><' : '<>>><',
    [
      'method',
      'log loss',
      'AUC',
      'predicted / real',
      ...(gap ? ['gap closed (log loss)', '(AUC)'] : []),
      'what it does',
    ],
    ranked.map(([name, m]) => [
      name,
      number(m.logLoss, 4),
      number(m.auc, 4),
      number(m.pcoc, 2),
      ...(gap ? [share(m.riLogLoss), share(m.riAuc)] : []),
      methodText[name],
    ]),
  );
  out.line();
  for (const line of verdict(ranked, result)) out.line(line);
}

const share = (ri: number | undefined): string => (ri === undefined ? '' : `${number(ri, 1)} %`);

/** Sentences a shop owner understands. */
export function verdict(ranked: readonly Ranked[], { steps }: Pick<Prequential, 'steps'>): string[] {
  const converted = steps.reduce((sum, step) => sum + step.positives, 0);
  const real = ranked.filter(([name, m]) => name !== LIMIT && Number.isFinite(m.logLoss));
  if (real.length === 0) return [];
  if (converted < FEWEST_PAIRS)
    return [`Too few to judge: ${counted(converted, 'conversion')} in the rows judged.`];
  const [best, ...others] = real;
  const lines: string[] = [];
  if (others.length > 0) lines.push(choice(best, others));
  lines.push(...gapText(best), calibrationText(best));
  for (const [name, { health }] of ranked) {
    if (health.warning) lines.push(`Warning: ${name}: ${health.warning}.`);
  }
  return lines;
}

/** A difference whose interval holds 0 is no difference. */
function choice([name, m]: Ranked, others: readonly Ranked[]): string {
  const equal = others.filter(([other]) => {
    const { low, high } = m.against[other]!.logLoss;
    return !(high < 0 || low > 0);
  });
  const [second] = others;
  const { difference, low, high } = m.against[second[0]]!.logLoss;
  const by =
    `its log loss is ${number(Math.abs(difference), 4)} below that of the next, ${second[0]} ` +
    `(95 %: ${number(-high, 4)} to ${number(-low, 4)})`;
  if (equal.length === 0) return `Verdict: use ${name}: ${by}.`;
  const names = equal.map(([other]) => other).join(', ');
  return `Verdict: ${name} has the lowest log loss, but this log does not tell it from ${names} for sure: ${by}.`;
}

function gapText([name, { riLogLoss, riAuc, ci }]: Ranked): string[] {
  if (riLogLoss === undefined || riAuc === undefined) return [];
  const between = ({ low, high }: { low: number; high: number }) => `${number(low, 0)} to ${number(high, 0)}`;
  return [
    `Of the gap between using labels as they look (vanilla) and knowing the future (oracle), ${name} closes ` +
      `${number(riLogLoss, 0)} % of log loss (95 %: ${between(ci.riLogLoss!)}) and ${number(riAuc, 0)} % of AUC ` +
      `(${between(ci.riAuc!)}).`,
  ];
}

function calibrationText([name, { pcoc, ece }]: Ranked): string {
  const per = Math.round(100 * pcoc);
  const verdictOf =
    Math.abs(pcoc - 1) <= 0.05
      ? 'that is about right'
      : pcoc > 1
        ? 'it promises too much'
        : 'it promises too little';
  return (
    `Calibration: for 100 conversions that came, ${name} had predicted ${per}; ${verdictOf}. ` +
    `Its probabilities are off by ${number(100 * ece, 1)} points on average.`
  );
}
