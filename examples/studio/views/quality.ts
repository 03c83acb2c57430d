import { html, nothing } from 'lit-html';
import { barChart } from '../../../src/report/charts/bar.ts';
import { counted, percent } from '../../../src/report/format.ts';
import type { Judgement } from '../jobs.ts';
import { judgeModel, judging, model } from './model.ts';
import { made, taskView, tied, type View } from './parts.ts';

/** How good the answers are, beside what is simpler. */
export function qualityView(): View {
  const { judgement } = model;
  return html`<section aria-labelledby="quality">
    <h2 id="quality">How good is it?</h2>
    <p>
      A tenth of the pairs is hidden, a second model is trained on the rest in the same way, and every product is ranked: how
      often is the hidden one among the first ten?
    </p>
    ${taskView(judging, 'Judging')}
    ${
      judging.running || judgement
        ? nothing
        : html`<p class="row"><button type="button" data-judge @click=${() => void judgeModel()}>Measure it</button></p>`
    }
    ${judgement && !judging.running ? judgementView(judgement) : nothing}
  </section>`;
}

/** Names of methods as people read them. */
const NAMES: Readonly<Record<string, string>> = {
  ranker: 'this model',
  embedding: 'its vectors alone',
  control: 'without learned vectors',
  blend: 'mix of counts',
  popularity: 'best sellers',
  twoHop: 'two steps on',
  walkMix: 'short walks',
  walkMixFitted: 'short walks, fitted',
  sourceKnn: 'similar lists',
  targetKnn: 'led to alike',
  ppr: 'random walks',
  svd: 'matrix factors',
  ease: 'linear model (EASE)',
  contentCosine: 'similar words',
};

function judgementView({ lines, hidden, methods }: Judgement): View {
  const [first, ...more] = lines;
  const name = (method: string) => NAMES[method] ?? method;
  return html`<div class="notice verdict" data-verdict>
      <p>${tied(first)}</p>
      ${more.map((line) => html`<p>${tied(line)}</p>`)}
    </div>
    ${made(
      barChart({
        title: 'Right product among the first ten',
        about: `Share of ${counted(hidden, 'hidden pair')} that each method finds, with one standard error.`,
        of: 'method',
        x: { label: 'share found', format: (value) => percent(value) },
        labels: methods.map((method) => name(method.name)),
        series: [
          { name: 'found', values: methods.map((m) => m.hitRate), error: methods.map((m) => m.error) },
        ],
        main: methods.findIndex((method) => method.name === 'ranker'),
      }),
    )}
    <details>
      <summary>Every method in numbers</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Methods in numbers">
        <table class="many">
          <thead>
            <tr>
              <th scope="col">Method</th>
              <th scope="col">What it does</th>
              <th scope="col" class="number">First ten</th>
              <th scope="col" class="number">±</th>
              <th scope="col" class="number">MRR@10</th>
              <th scope="col" class="number">Right way round</th>
            </tr>
          </thead>
          <tbody>
            ${methods.map(
              (m) =>
                html`<tr class=${m.name === 'ranker' ? 'main' : ''}>
                  <th scope="row">${name(m.name)}</th>
                  <td>${m.words.replace('CONTROL: ', '')}</td>
                  <td class="number">${percent(m.hitRate, 1)}</td>
                  <td class="number">${percent(m.error, 1)}</td>
                  <td class="number">${m.mrr.toFixed(3)}</td>
                  <td class="number">${m.direction === undefined ? '\u2013' : percent(m.direction)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
}
