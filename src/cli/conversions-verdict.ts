import { type MethodName, methodText } from '../delayed-feedback/methods/names.ts';
import { conversionDefaults } from '../delayed-feedback/options.ts';
import type { Difference, MethodResult, Prequential, Step } from '../delayed-feedback/prequential.ts';
import { counted, FEWEST_PAIRS, type Output } from './output.ts';

type Ranked = [name: MethodName, result: MethodResult];

/** What the verdict reads of a method: measured now, or as `--json` printed it. */
type Judged = readonly [name: string, result: JudgedResult];
interface JudgedResult
  extends Readonly<Pick<MethodResult, 'logLoss' | 'riLogLoss' | 'riAuc' | 'ci' | 'pcoc' | 'ece' | 'health'>> {
  readonly against: Readonly<Record<string, { logLoss: Difference } | undefined>>;
}

/** Knows what nobody can know: a limit, not a choice. */
const LIMIT = 'oracle';
const DEFAULT = conversionDefaults.method;

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
export function verdict(
  ranked: readonly Judged[],
  { steps }: { readonly steps: readonly Pick<Step, 'positives'>[] },
): string[] {
  const converted = steps.reduce((sum, step) => sum + step.positives, 0);
  const real = ranked.filter(([name, m]) => name !== LIMIT && Number.isFinite(m.logLoss));
  if (real.length === 0) return [];
  if (converted < FEWEST_PAIRS)
    return [
      `Too few to judge: ${counted(converted, 'conversion')} in the rows judged; from ${FEWEST_PAIRS} on something can be said.`,
    ];
  const chosen = real.find(([name]) => name === choiceOf(real))!;
  const lines: string[] = [];
  if (real.length > 1) lines.push(choiceText(chosen, real));
  lines.push(...gapText(chosen), calibrationText(chosen));
  for (const [name, { health }] of ranked) {
    if (health.warning) lines.push(`Warning: ${name}: ${health.warning}.`);
  }
  return lines;
}

/** The method to use: the default unless another is better for sure; of sixteen one is always ahead by chance. */
function choiceOf(real: readonly Judged[]): string {
  const [best] = real;
  return real.some(([name]) => name === DEFAULT) && !surely(best, DEFAULT) ? DEFAULT : best[0];
}

/** Whether a method has a lower log loss than another by more than its interval. */
const surely = ([, m]: Judged, other: string): boolean => (m.against[other]?.logLoss.high ?? 0) < 0;

function choiceText(chosen: Judged, real: readonly Judged[]): string {
  const [name] = chosen;
  const [best] = real;
  const against = (of: Judged, other: string) => of[1].against[other]!.logLoss;
  const range = ({ low, high }: Difference) => `(95 %: ${number(-high, 4)} to ${number(-low, 4)})`;
  if (chosen !== best) {
    const ahead = against(best, name);
    return (
      `Verdict: use ${name}. ${best[0]} has a log loss that is ${number(-ahead.difference, 4)} lower here, which may be chance ` +
      `${range(ahead)}.`
    );
  }
  const [, ...others] = real;
  const by = against(best, others[0][0]);
  const how = `its log loss is ${number(-by.difference, 4)} below that of the next, ${others[0][0]} ${range(by)}`;
  const equal = others.filter(([other]) => !surely(best, other)).map(([other]) => other);
  if (equal.length === 0) return `Verdict: use ${name}: ${how}.`;
  return `Verdict: use ${name}: ${how}. This log does not tell it for sure from ${equal.join(', ')}.`;
}

function gapText([name, { riLogLoss, riAuc, ci }]: Judged): string[] {
  const between = ({ low, high }: { low: number; high: number }) => `${number(low, 0)} to ${number(high, 0)}`;
  const parts = [
    riLogLoss === undefined ? '' : `${number(riLogLoss, 0)} % of log loss (95 %: ${between(ci.riLogLoss!)})`,
    riAuc === undefined ? '' : `${number(riAuc, 0)} % of AUC (${between(ci.riAuc!)})`,
  ].filter(Boolean);
  if (parts.length === 0) return [];
  return [
    `Of the gap between using labels as they look (vanilla) and knowing the future (oracle), ${name} closes ${parts.join(' and ')}.`,
  ];
}

function calibrationText([name, { pcoc, ece }]: Judged): string {
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
