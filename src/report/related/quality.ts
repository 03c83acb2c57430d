import { barChart } from '../charts/bar.ts';
import { count, counted, percent } from '../format.ts';
import { type Content, type Html, html, shortened } from '../markup.ts';
import { figures, name, notice, paragraph, type Section, table } from '../parts.ts';
import type { RelatedContent } from './content.ts';
import type { DegreeBucket, MethodQuality, RelatedEvaluation } from './evaluation.ts';

/** The method that the model file answers by, the control beside it, and the best of the others. */
export function chosen({ methods }: RelatedEvaluation) {
  const find = (...names: string[]) =>
    names.map((one) => methods.find(({ name }) => name === one)).find(Boolean);
  const own = find('ranker', 'embedding') ?? methods[0];
  const control = find('control');
  const rival = methods.find((one) => one !== own && one !== control && one.name !== 'embedding');
  return { own, control, rival };
}

const share = (value: number | undefined): string => (value === undefined ? '\u2013' : percent(value, 1));

/** How often the hidden product is found, beside every baseline and by how well connected the products are. */
export function qualitySection({ evaluation, methodWords, data }: RelatedContent): Section {
  const base = { id: 'quality', title: 'Quality' };
  if (!evaluation) {
    const body = html`${paragraph('No evaluation was given, so nothing here compares the model with simpler methods.')}
${paragraph('Make one with ', html`<code>fletching related evaluate INPUT --json &gt; evaluation.json</code>`, ' and the options of the training, and give it with ', html`<code>--evaluation evaluation.json</code>`, '.')}`;
    return { ...base, body };
  }
  const { methods, hidden, notes, splitKind, seed } = evaluation;
  const { own, control, rival } = chosen(evaluation);
  const names = methods.map((method) => shortened(method.name, 40));
  const kind = splitKind ? `, split ${splitKind}${seed === undefined ? '' : `, seed ${seed}`}` : '';
  const groups = [own, control, rival].filter((method) => method !== undefined);
  return {
    ...base,
    body: html`${
      evaluation.nodes !== data.nodes
        ? notice(
            paragraph(
              `The evaluation is of ${counted(evaluation.nodes, 'product')}, the model of ${count(data.nodes)}: ` +
                'they are not of the same data, or not read with the same options.',
            ),
            'warning',
          )
        : undefined
    }
${paragraph(
  `${counted(hidden, 'pair')} of the data were hidden${kind}, a model was trained on the rest, and every method ranked all ` +
    `${counted(evaluation.nodes, 'product')} for each hidden pair. Counted is how often the product bought next is ` +
    'among the first ten.',
)}
${barChart({
  title: 'Right product among the first ten',
  about: `${names[methods.indexOf(own)]} finds ${share(own.hitRate)}; lines are one standard error. ${bestLine(evaluation)}`,
  x: { label: 'share of the hidden pairs found', format: (value) => percent(value) },
  of: 'Method',
  labels: names,
  series: [{ name: 'found', values: methods.map((m) => m.hitRate), error: methods.map((m) => m.error) }],
  main: methods.indexOf(own),
})}
${table(
  'Every method, best first',
  [
    { title: 'Method' },
    { title: 'What it is' },
    { title: 'First 10', number: true },
    { title: '± error', number: true },
    { title: 'MRR@10', number: true },
    { title: 'Products ever shown', number: true },
    { title: 'Answers in the tail', number: true },
    { title: 'Right way round', number: true },
  ],
  methods.map((method, i) => ({
    main: method === own,
    cells: [
      name(names[i]),
      Object.hasOwn(methodWords, method.name) ? methodWords[method.name] : '',
      share(method.hitRate),
      share(method.error),
      method.mrr.toFixed(3),
      share(method.coverage),
      share(method.tailShare),
      share(method.directionPaired),
    ],
  })),
)}
<h3>For which products</h3>
${paragraph('In brackets, how many hidden pairs each group has: a few dozen say little.')}
<div class="charts">
${bucketChart('By how many products the bought one leads to', groups, ({ byOutDegree }) => byOutDegree)}
${bucketChart('By how many products lead to the answer (few: rare)', groups, ({ byInDegree }) => byInDegree)}
</div>
${notes.length > 0 ? html`<ul>${notes.slice(0, 20).map((note) => html`<li>${name(shortened(note, 500))}</li>`)}</ul>` : undefined}`,
  };
}

function bestLine({ methods }: RelatedEvaluation): string {
  const [first, second] = methods;
  return second ? `Best of all is ${shortened(first.name, 40)}, then ${shortened(second.name, 40)}.` : '';
}

function bucketChart(
  title: string,
  methods: readonly MethodQuality[],
  of: (method: MethodQuality) => readonly DegreeBucket[],
): Html | undefined {
  const buckets = of(methods[0]);
  if (buckets.length === 0) return undefined;
  const rate = (method: MethodQuality, range: string) =>
    of(method).find((bucket) => bucket.range === range)?.hitRate ?? Number.NaN;
  const names = methods.map((method) => shortened(method.name, 30));
  return barChart({
    title,
    about: `Share of the hidden pairs with the right product among the first ten, for ${names.join(', ')}.`,
    x: { label: 'share found', format: (value) => percent(value) },
    of: 'Other products',
    labels: buckets.map(({ range, edges }) => `${shortened(range, 20)} (${count(edges)})`),
    series: methods.map((method, i) => ({
      name: names[i],
      values: buckets.map(({ range }) => rate(method, range)),
    })),
  });
}

/** Whether the model tells "phone, next case" from "case, next phone", and how often it answers both ways. */
export function directionSection({ evaluation, data, survey }: RelatedContent): Section {
  const rows: Content[] = [];
  if (evaluation) {
    const { own } = chosen(evaluation);
    const { direction } = evaluation;
    const area = (value: number) => value.toFixed(3);
    rows.push(
      figures([
        {
          label: 'Right way round',
          value: share(own.directionPaired),
          note: 'of one-way hidden pairs, shown with their reverse; guessing gives 50 %',
          main: true,
        },
        {
          label: 'The same where both sell alike',
          value: share(own.directionMatched),
          note: 'popularity cannot help here',
        },
      ]),
      direction &&
        table(
          `Area under the curve: ${counted(direction.edges, 'one-way pair')} against their reverses`,
          [{ title: 'By' }, { title: 'AUC', number: true }],
          [
            { cells: ['the score that ranks', area(direction.raw)] },
            { cells: ['that score with an offset of the query', area(direction.offset)] },
            { cells: ['the direction head', area(direction.head)], main: true },
            { cells: ['numbers of pairs alone, without a model', area(direction.degrees)] },
          ],
        ),
    );
  }
  const audit = evaluation && chosen(evaluation).own.symmetric;
  return {
    id: 'direction',
    title: 'Direction',
    body: html`${rows}
${table(
  'Symmetric pairs: how much of what is said one way is also said the other way',
  [{ title: 'Of' }, { title: 'Both ways', number: true }],
  [
    { cells: ['the pairs in the data', share(data.reciprocal)] },
    { cells: ['this model’s answers (first ten)', share(survey.symmetric)], main: true },
    ...(audit
      ? [{ cells: ['the evaluated model’s answers, hidden pairs unseen', share(audit.answers)] }]
      : []),
  ],
)}
${paragraph(
  'A list of look-alikes answers nearly everything both ways. An arrow should not: the closer to the data, the better.',
)}`,
  };
}
