import { lineChart } from '../charts/line.ts';
import { count, counted, percent } from '../format.ts';
import { html } from '../markup.ts';
import { paragraph, type Section } from '../parts.ts';
import type { TrainingPart } from './content.ts';

/** How the training went: loss and quality on pairs set aside, by step. */
export function trainingSection({ steps, bestStep, history, validation }: TrainingPart): Section {
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
}`,
  };
}
