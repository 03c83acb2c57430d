import { barChart } from '../charts/bar.ts';
import { lineChart } from '../charts/line.ts';
import { count, counted, percent } from '../format.ts';
import { type Html, html, shortened } from '../markup.ts';
import { name, paragraph, type Section, table } from '../parts.ts';
import type { RankingPart, TrainingPart } from './content.ts';

/** How the training went: loss and quality on pairs set aside, by step. */
export function trainingSection({ steps, bestStep, history, validation, ranking }: TrainingPart): Section {
  const kept = bestStep < steps ? `; the model kept is that of step ${count(bestStep)}` : '';
  const step = history.map((look) => look.step);
  const mark = bestStep < steps ? { at: bestStep, label: 'kept' } : undefined;
  const x = { label: 'training step' };
  const [first, last] = [history[0], history[history.length - 1]];
  return {
    id: 'training',
    title: 'Training',
    body: html`${paragraph(
      `Trained for ${counted(steps, 'step')}${kept}.`,
      validation &&
        ` Of ${counted(validation.edges, 'pair')} set aside to stop by, ${percent(validation.hitRate, 1)} had the right ` +
          `product among the first ten. These pairs chose the model, so judge it by others.`,
    )}
${
  history.length < 2
    ? paragraph('The model file holds too few looks at the training to draw it.')
    : html`<div class="charts">
${lineChart({
  title: 'Loss',
  about: `What training makes small, at each look: from ${first.loss.toFixed(2)} to ${last.loss.toFixed(2)}.`,
  x,
  y: { label: 'loss (nats a pair)' },
  series: [{ name: 'loss', x: step, y: history.map((look) => look.loss) }],
  mark,
})}
${lineChart({
  title: 'Right product among the first ten',
  about: `Of the pairs set aside, at each look: best ${percent(Math.max(...history.map((look) => look.hitRate)), 1)}.`,
  x,
  y: { label: 'share of the pairs', format: (value) => percent(value) },
  series: [{ name: 'share', x: step, y: history.map((look) => look.hitRate) }],
  mark,
})}
</div>`
}
${ranking && rankingPart(ranking)}`,
  };
}

/** Evidence drawn; there are two dozen kinds. */
const MOST = 40;

function rankingPart({ used, why, queries, heldOut, weights }: RankingPart): Html {
  const strongest = weights.toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a)).slice(0, MOST);
  return html`<h3>Ranking</h3>
${paragraph(
  used
    ? 'The learned vectors are one piece of evidence among counts, walks and words; a ranker weighs them all.'
    : 'A ranker over the learned vectors and counts was fitted and does not answer: ',
  used ? undefined : name(shortened(why, 300)),
)}
${
  heldOut.length > 0
    ? table(
        `Right product among the first ten, ${counted(queries, 'query', 'queries')} set aside, each judged by a fit that had not seen it`,
        [{ title: 'Method' }, { title: 'First 10', number: true }, { title: 'MRR@10', number: true }],
        heldOut.map(({ method, hitRate, mrr }, i) => ({
          cells: [name(shortened(method, 60)), percent(hitRate, 1), mrr.toFixed(3)],
          main: i === 0,
        })),
      )
    : undefined
}
${
  strongest.length > 0
    ? barChart({
        title: 'What the ranking weighs',
        about:
          'Weight of each kind of evidence, by its standard deviation; strongest first, left of zero counts against. ' +
          'A is “is bought next after”, T its reverse, w with weights of the pairs.',
        x: { label: 'weight' },
        of: 'Evidence',
        labels: strongest.map(([evidence]) => shortened(evidence, 30)),
        series: [{ name: 'weight', values: strongest.map(([, weight]) => weight) }],
      })
    : undefined
}`;
}
