import { html, nothing } from 'lit-html';
import { percent } from '../../../src/report/format.ts';
import { boundarySection } from '../../../src/report/thresholds/charts.ts';
import type { Point } from '../../../src/report/thresholds/content.ts';
import { desks, loaded, onLoaded, reading, simulate } from '../data.ts';
import type { BoundaryFound, BoundaryInput, ScoresRead } from '../jobs.ts';
import { save } from '../save.ts';
import { refresh } from '../state.ts';
import { Task } from '../task.ts';
import { checkField } from './fields.ts';
import { emptyPage, made, readingView, refused, taskView, tied, type View } from './parts.ts';

const fitting = new Task();
let wanted: BoundaryInput = { precision: 0.7, certify: false };
let found: BoundaryFound | undefined;

/** Between acting on everything and being always right: what the slider starts at. */
const startingBound = ({ base }: ScoresRead): number =>
  Math.min(0.95, Math.round(100 * (base + 0.5 * (1 - base))) / 100);

onLoaded((what) => {
  const { scores } = loaded;
  if (what !== 'scores' || !scores) return;
  found = undefined;
  wanted = { precision: startingBound(scores.read), certify: false };
  void fit();
});

/** Fits what the slider says; while it moves on, only the last place is fitted next. */
async function fit(): Promise<void> {
  if (fitting.running) return;
  const asked = wanted;
  const boundary = await fitting.run(desks.scores, 'boundary', asked);
  if (boundary) found = boundary;
  refresh();
  if (asked !== wanted) void fit();
}

function want(change: Partial<BoundaryInput>): void {
  wanted = { ...wanted, ...change };
  refresh();
  void fit();
}

/** Scores with an uncertainty: whom to act on so that enough of it is right. */
export function thresholdsView(): View {
  const { scores } = loaded;
  if (!scores) {
    return emptyPage(
      'Thresholds',
      'A score of 0.8 that rests on a thousand views and one that rests on five are not the same. Scores with an uncertainty and what came true become a policy that keeps its precision.',
      { label: 'Load simulated scores', click: () => void simulate('scores') },
      reading.scores,
    );
  }
  const { read } = scores;
  return html`<section>
      <h1>Thresholds</h1>
      <p class="lead">From ${read.title}.</p>
      ${readingView(read)}
    </section>
    <section aria-labelledby="bound">
      <h2 id="bound">How much of it must be right?</h2>
      ${sliderView(read)} ${refused(fitting.failure)} ${found ? foundView(found) : taskView(fitting, 'Fitting')}
    </section>`;
}

function sliderView({ base }: ScoresRead): View {
  const { precision, certify } = wanted;
  const moved = (event: Event) => want({ precision: Number((event.target as HTMLInputElement).value) });
  return html`<div class="bound">
    <label for="precision">At least <output for="precision">${percent(precision)}</output> of what is acted on must be right</label>
    <input id="precision" type="range" min="0.05" max="0.99" step="0.01" .value=${String(precision)} @input=${moved}
      aria-valuetext=${percent(precision)} />
    <p class="note">Acting on every row would keep ${percent(base)} right.</p>
    ${checkField(
      {
        label: 'With a certificate',
        about: 'refuses what these rows cannot support with a confidence of 90 %',
      },
      certify,
      (certified) => want({ certify: certified }),
    )}
  </div>`;
}

function foundView(boundary: BoundaryFound): View {
  const { lines, points, plane, gain, policy, input } = boundary;
  const [own] = points;
  const [first, ...more] = lines;
  const stale =
    input !== wanted && (input.precision !== wanted.precision || input.certify !== wanted.certify);
  const figure = (name: string, value: string, note = '', main = false) =>
    html`<div class="figure ${main ? 'main' : ''}"><dt>${name}</dt><dd>${value}${note && html`<small>${tied(note)}</small>`}</dd></div>`;
  const range = ([low, high]: readonly [number, number]) => `95 %: ${percent(low, 1)} to ${percent(high, 1)}`;
  const points100 = (value: number) => `${value < 0 ? '\u2212' : '+'}${(100 * Math.abs(value)).toFixed(1)}`;
  return html`<div class="found ${stale ? 'stale' : ''}" data-found=${input.precision} aria-busy=${stale}>
    <dl class="figures">
      ${figure('Positives that are found', percent(own.recall, 1), range(own.recallInterval), true)}
      ${figure('Right, of what is acted on', Number.isNaN(own.precision) ? '\u2013' : percent(own.precision, 1), Number.isNaN(own.precision) ? '' : range(own.precisionInterval))}
      ${figure('Rows acted on', percent(own.acts, 1))}
      ${gain ? figure('Found beyond one threshold', `${points100(gain.gain)} points`, `95 %: ${points100(gain.interval[0])} to ${points100(gain.interval[1])}`) : nothing}
    </dl>
    <div class="notice verdict" role="status"><p>${tied(first)}</p>${more.map((line) => html`<p>${tied(line)}</p>`)}</div>
    ${plane ? made(boundarySection({ method: policy.card.method }, plane).body) : nothing}
    ${pointsTable(points)}
    <p class="row">
      <button type="button" class="primary" data-save="policy" ?disabled=${stale || Number.isNaN(own.precision)} @click=${() =>
        save(
          'policy.json',
          `${JSON.stringify(policy, null, 2)}\n`,
          'application/json',
        )}>Download the policy</button>
      <small>policy.json, for the library and <code>fletching thresholds apply</code></small>
    </p>
  </div>`;
}

const pointsTable = (
  points: readonly Point[],
): View => html`<div class="scroll" tabindex="0" role="region" aria-label="Policies compared">
  <table class="few">
    <caption>
      On the half of the rows that was not fitted on
    </caption>
    <thead>
      <tr>
        <th scope="col">Policy</th>
        <th scope="col" class="number">Acts on</th>
        <th scope="col" class="number">Right</th>
        <th scope="col" class="number">Found</th>
      </tr>
    </thead>
    <tbody>
      ${points.map(
        ({ name, acts, precision, recall }, i) =>
          html`<tr class=${i === 0 ? 'main' : ''}>
            <th scope="row">${name}</th>
            <td class="number">${percent(acts, 1)}</td>
            <td class="number">${Number.isNaN(precision) ? '\u2013' : percent(precision, 1)}</td>
            <td class="number">${percent(recall, 1)}</td>
          </tr>`,
      )}
    </tbody>
  </table>
</div>`;
