import { html } from 'lit-html';
import { readEvaluation } from '../../../src/report/related/evaluation.ts';
import { relatedPage } from '../../../src/report/related/page.ts';
import { desks, onLeaving } from '../data.ts';
import { save } from '../save.ts';
import { Task } from '../task.ts';
import { model } from './model.ts';
import { taskView, type View } from './parts.ts';

const TOP = 10;
const preparing = new Task();

onLeaving((what) => {
  if (what === 'shop') preparing.cancel();
});

async function saveModel(): Promise<void> {
  const bytes = await preparing.run(desks.shop, 'modelFile', undefined);
  if (bytes) save('model.safetensors', bytes, 'application/octet-stream');
}

async function saveAnswers(): Promise<void> {
  const text = await preparing.run(desks.shop, 'answers', TOP);
  if (text) save('answers.json', text, 'application/json');
}

async function saveReport(): Promise<void> {
  const content = await preparing.run(desks.shop, 'report', undefined);
  if (!content) return;
  const { judgement } = model;
  const evaluation = judgement && readEvaluation(judgement.document);
  const { page } = await relatedPage({ ...content, evaluation });
  save('report.html', page, 'text/html');
}

export const downloadsView = (): View => html`<section aria-labelledby="downloads">
  <h2 id="downloads">Take it away</h2>
  <div class="cards">
    <button type="button" class="card" data-save="model" ?disabled=${preparing.running} @click=${() => void saveModel()}>
      <strong>The model</strong><span>model.safetensors, for the library, the command line and Python</span>
    </button>
    <button type="button" class="card" data-save="answers" ?disabled=${preparing.running} @click=${() => void saveAnswers()}>
      <strong>All answers</strong><span>answers.json, the first ${TOP} for every product</span>
    </button>
    <button type="button" class="card" data-save="report" ?disabled=${preparing.running} @click=${() => void saveReport()}>
      <strong>The report</strong><span>report.html, one page to send on${model.judgement ? '' : '; with the quality once it is measured'}</span>
    </button>
  </div>
  ${taskView(preparing, 'Preparing the file')}
</section>`;
