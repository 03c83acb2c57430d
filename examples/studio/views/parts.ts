import { html, nothing, type TemplateResult } from 'lit-html';
import { unsafeHTML } from 'lit-html/directives/unsafe-html.js';
import { count, counted, duration } from '../../../src/report/format.ts';
import { type Content, html as markup } from '../../../src/report/markup.ts';
import type { BadRows, Reading } from '../jobs.ts';
import type { Task } from '../task.ts';

export type View = TemplateResult | typeof nothing;

/** Bad rows shown. */
const SHOWN = 100;

/** Markup of the report's parts and charts, whose texts are escaped where it is made. */
export const made = (content: Content): View => html`${unsafeHTML(markup`${content}`.text)}`;

/** A number stays with its sign: no line begins with a per cent sign. */
export const tied = (text: string): string => text.replaceAll(' %', '\u00a0%');

export const refused = (text: string | undefined): View =>
  text === undefined ? nothing : html`<div class="notice warning" role="alert"><p>${text}</p></div>`;

/** How far a task is, with a button to stop it; then whether it was stopped or refused. */
export function taskView(task: Task, about: string): View {
  if (task.running) {
    const { stage = 'Starting', step = 0, total = 0, detail, etaMs } = task.progress ?? {};
    const share = total > 0 ? Math.min(1, step / total) : undefined;
    const left =
      etaMs !== undefined && etaMs > 1500 ? `about ${duration(Math.round(etaMs / 1000))} left` : '';
    return html`<div class="task" role="group" aria-label=${about}>
      <div class="task-head">
        <p class="stage">${stage}<small>${[detail, left].filter(Boolean).join(' · ')}</small></p>
        <button type="button" class="quiet" data-cancel ?disabled=${task.stopping} @click=${() => task.cancel()}>
          ${task.stopping ? 'Stopping' : 'Cancel'}
        </button>
      </div>
      <progress aria-label=${`${about}: ${stage}`} max="1" .value=${share ?? 0}></progress>
    </div>`;
  }
  if (task.failure !== undefined) {
    return html`${refused(task.failure)} ${task.bad ? badRowsView(task.bad) : nothing}`;
  }
  if (task.stopped) return html`<p class="stopped" role="status">${about}: stopped. Nothing was changed.</p>`;
  return nothing;
}

/** What was read, and what was left out and why. */
export const readingView = ({ facts, notes, bad }: Reading): View => html`<dl class="figures read">
    ${facts.map(([name, value]) => html`<div class="figure"><dt>${name}</dt><dd>${tied(value)}</dd></div>`)}
  </dl>
  ${notes.map((note) => html`<p class="note">Note: ${note}.</p>`)} ${badRowsView(bad)}`;

function badRowsView({ count: rows, kinds, first }: BadRows): View {
  if (rows === 0) return html`<p class="note">No row was left out.</p>`;
  return html`<details class="bad" ?open=${rows <= 20}>
    <summary><strong>${counted(rows, 'row')} left out</strong> because they cannot be read</summary>
    <ul>
      ${kinds.map(
        ({ column, reason, rows }) =>
          html`<li>${counted(rows, 'row')}: ${column && html`<code>${column}</code> `}${reason}</li>`,
      )}
    </ul>
    <div class="scroll" tabindex="0" role="region" aria-label="Rows left out">
      <table class="many">
        <caption>
          ${rows > SHOWN ? `The first ${SHOWN} of ${count(rows)}` : 'Every one of them'}
        </caption>
        <thead>
          <tr>
            <th class="number" scope="col">Line</th>
            <th scope="col">Field</th>
            <th scope="col">Reason</th>
            <th scope="col">The row as it stands</th>
          </tr>
        </thead>
        <tbody>
          ${first.slice(0, SHOWN).map(
            ({ line, column, reason, text }) =>
              html`<tr>
                <td class="number">${line}</td>
                <td>${column ?? ''}</td>
                <td>${reason}</td>
                <td><code>${text}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** A page whose data have not been loaded. */
export const emptyPage = (
  title: string,
  about: string,
  load: { label: string; click: () => void },
  task: Task,
): View =>
  html`<section class="empty">
    <h1>${title}</h1>
    <p>${about}</p>
    ${
      task.running
        ? taskView(task, 'Reading')
        : html`<p class="row">
              <button type="button" class="primary" data-simulate @click=${load.click}>${load.label}</button>
              <a class="button" href="#start">Choose a file</a>
            </p>
            ${taskView(task, 'Reading')}`
    }
  </section>`;
