import { html, nothing } from 'lit-html';
import { count, counted, duration, percent, size } from '../../../src/report/format.ts';
import type { ShopRead } from '../jobs.ts';
import { checkField, choiceField, numberField } from './fields.ts';
import { lossCurve } from './loss-curve.ts';
import { model, training, trainModel } from './model.ts';
import { taskView, type View } from './parts.ts';

const LENGTHS = [
  ['100', 'quick, at most 100 steps'],
  ['300', 'normal, at most 300 steps'],
  ['1000', 'long, at most 1,000 steps'],
] as const;

/** Direction of the arrow: how much a suggestion against it counts in training. */
const DIRECTION = 0.3;

export function trainingView({ estimate }: ShopRead): View {
  return html`<section aria-labelledby="training">
    <h2 id="training">Training</h2>
    ${training.running ? nothing : settingsView(estimate)} ${taskView(training, 'Training')}
    ${training.losses.length > 1 ? lossView() : nothing} ${model.trained && !training.running ? trainedView() : nothing}
  </section>`;
}

function settingsView(estimate: ShopRead['estimate']): View {
  const { settings, trained } = model;
  return html`<div class="fields">
      ${choiceField(
        { label: 'How long', about: 'it stops by itself when it learns nothing more' },
        String(settings.steps),
        LENGTHS,
        (steps) => {
          settings.steps = Number(steps);
        },
      )}
      ${numberField(
        { label: 'Seed', about: 'the same seed gives the same model, bit for bit' },
        { value: settings.seed, min: 0, max: 2 ** 32 - 1 },
        (seed) => {
          settings.seed = seed;
        },
      )}
      ${checkField(
        { label: 'Keep the arrow', about: 'nobody who bought the case is sent back to the phone' },
        settings.directionLoss > 0,
        (keep) => {
          settings.directionLoss = keep ? DIRECTION : 0;
        },
      )}
    </div>
    <p class="row">
      <button type="button" class=${trained ? '' : 'primary'} data-train @click=${() => void trainModel()}>
        ${trained ? 'Train again' : 'Train'}
      </button>
      <small>about ${duration(Math.max(1, estimate.seconds))} and ${size(estimate.bytes)} of memory</small>
    </p>`;
}

function lossView(): View {
  const [, loss] = training.losses[training.losses.length - 1];
  return html`<figure class="chart live">
    <figcaption>Loss by step</figcaption>
    <p>How wrong the model still is about the pairs it learns from, now ${loss.toFixed(3)}.</p>
    ${lossCurve(training.losses, `Loss by step, now ${loss.toFixed(3)}`)}
  </figure>`;
}

function trainedView(): View {
  const { steps, bestStep, seconds, hitRate, ranking, hash } = model.trained!;
  const figure = (name: string, value: string, note = '') =>
    html`<div class="figure"><dt>${name}</dt><dd>${value}${note && html`<small>${note}</small>`}</dd></div>`;
  return html`<dl class="figures" data-trained>
      ${figure('Trained', counted(steps, 'step'), `in ${duration(seconds)}${bestStep < steps ? `, best after ${count(bestStep)}` : ''}`)}
      ${hitRate === undefined ? nothing : figure('Right product among the first ten', percent(hitRate, 1), 'on pairs set aside in training')}
      ${figure('Model', hash.slice(0, 8), 'the first of its SHA-256')}
    </dl>
    <p class="note">Answers come from ${ranking}.</p>`;
}
