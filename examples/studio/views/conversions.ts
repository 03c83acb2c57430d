import { html, nothing } from 'lit-html';
import { CONVERSION_METHODS, methodText } from '../../../src/index.ts';
import { lineChart } from '../../../src/report/charts/line.ts';
import { delaySection } from '../../../src/report/conversions/delay.ts';
import { count, percent, span } from '../../../src/report/format.ts';
import { desks, loaded, onLeaving, onLoaded, reading, simulate } from '../data.ts';
import type { Compared, ComparedMethod } from '../jobs.ts';
import { refresh } from '../state.ts';
import { Task } from '../task.ts';
import { emptyPage, made, readingView, taskView, tied, type View } from './parts.ts';

const comparing = new Task();
const chosen = new Set<string>(['vanilla', 'oracle', 'wait', 'telescoping']);
let compared: Compared | undefined;

onLeaving((what) => {
  if (what === 'events') comparing.cancel();
});
onLoaded((what) => {
  if (what === 'events') compared = undefined;
});

async function compare(): Promise<void> {
  const methods = CONVERSION_METHODS.filter((name) => chosen.has(name));
  const found = await comparing.run(desks.events, 'compare', methods);
  if (found) compared = found;
  refresh();
}

/** An event log: when conversions come, how much of a label is known, and how to learn from labels that still change. */
export function conversionsView(): View {
  const { events } = loaded;
  if (!events) {
    return emptyPage(
      'Conversions',
      'A click today may be bought in three weeks, and until then its label is wrong. An event log shows when conversions come and how to learn without waiting.',
      { label: 'Load simulated events', click: () => void simulate('events') },
      reading.events,
    );
  }
  const { read } = events;
  const { title, body } = delaySection(read);
  return html`<section>
      <h1>Conversions</h1>
      <p class="lead">From ${read.title}.</p>
      ${readingView(read)}
    </section>
    <section aria-labelledby="delay" data-delay><h2 id="delay">${title}</h2>${made(body)}</section>
    <section aria-labelledby="methods">
      <h2 id="methods">How to learn from labels that still change</h2>
      <p>
        The log is replayed: every step is predicted before it is learned from, by each method with the same base learner. What
        knows the future is the limit; taking labels as they look is where everybody starts.
      </p>
      ${comparing.running ? nothing : choiceView()} ${taskView(comparing, 'Comparing the methods')}
      ${compared && !comparing.running ? comparedView(compared) : nothing}
    </section>`;
}

const choiceView = (): View => html`<fieldset class="methods">
    <legend>Methods to compare</legend>
    ${CONVERSION_METHODS.map(
      (name) =>
        html`<label title=${methodText[name]}>
          <input type="checkbox" .checked=${chosen.has(name)} @change=${() => {
            if (!chosen.delete(name)) chosen.add(name);
            refresh();
          }} />${name}
        </label>`,
    )}
  </fieldset>
  <p class="row">
    <button type="button" class=${compared ? '' : 'primary'} data-compare ?disabled=${chosen.size === 0} @click=${() => void compare()}>
      Compare ${count(chosen.size)} ${chosen.size === 1 ? 'method' : 'methods'}
    </button>
  </p>`;

function comparedView({ lines, rows, methods, days }: Compared): View {
  return html`<div class="notice verdict" data-compared>${lines.map((line) => html`<p>${tied(line)}</p>`)}</div>
    <div class="scroll" tabindex="0" role="region" aria-label="Methods compared">
      <table class="many">
        <caption>
          How well the conversions of the next step were predicted, over ${count(rows)} rows, the best first
        </caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col" class="number">Log loss</th>
            <th scope="col" class="number">AUC</th>
            <th scope="col" class="number">Predicted / real</th>
            <th scope="col" class="number">Gap closed</th>
            <th scope="col">What it does</th>
          </tr>
        </thead>
        <tbody>
          ${methods.map(methodRow)}
        </tbody>
      </table>
    </div>
    ${days.length > 1 ? made(stepChart(methods, days)) : nothing}`;
}

const number = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : '\u2013');

function methodRow({ name, logLoss, auc, pcoc, gap, gapInterval, words }: ComparedMethod): View {
  const closed = gap === undefined ? '\u2013' : percent(gap / 100);
  const range = gap !== undefined && gapInterval && gapInterval.low < gapInterval.high;
  return html`<tr>
    <th scope="row">${name}</th>
    <td class="number">${number(logLoss, 4)}</td>
    <td class="number">${number(auc, 4)}</td>
    <td class="number">${number(pcoc, 2)}</td>
    <td class="number">${closed}${range ? html`<small> (${gapInterval.low.toFixed(0)} to ${gapInterval.high.toFixed(0)})</small>` : nothing}</td>
    <td>${words}</td>
  </tr>`;
}

/** Lines drawn: more could not be told apart. */
const LINES = 4;

function stepChart(methods: readonly ComparedMethod[], days: readonly number[]) {
  return lineChart({
    title: 'Log loss by step',
    about: `Lower is better. The first point of a line is the first step that was predicted${methods.length > LINES ? `; the best ${LINES} methods` : ''}.`,
    x: { label: 'time since the stream began', format: span },
    y: { label: 'log loss' },
    series: methods.slice(0, LINES).map(({ name, bySteps }) => {
      const at = bySteps.map((value, i) => (Number.isFinite(value) ? i : -1)).filter((i) => i >= 0);
      return { name, x: at.map((i) => days[i]), y: at.map((i) => bySteps[i]) };
    }),
  });
}
