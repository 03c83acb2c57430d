import { html, nothing } from 'lit-html';
import { taskOf } from '../data.ts';
import type { Kind } from '../jobs.ts';
import { guessRoles, KIND_WORDS, LEFT_OUT, missing, ROLES } from '../roles.ts';
import { refresh } from '../state.ts';
import { taskView, type View } from './parts.ts';
import { settingsView } from './settings.ts';
import type { Chosen } from './start.ts';

/** What the file holds, which column is what, and what else must be known to read it. */
export function columnsView(chosen: Chosen, read: (chosen: Chosen) => void): View {
  const { file, looked, kind, roles } = chosen;
  const needed = missing(kind, roles);
  const task = taskOf(kind);
  const setKind = (next: Kind) => {
    chosen.kind = next;
    chosen.roles = guessRoles(next, looked.columns);
    refresh();
  };
  return html`<section aria-labelledby="columns">
    <h2 id="columns">What is in ${file.name}?</h2>
    <fieldset class="choice">
      <legend>The file holds</legend>
      ${(Object.keys(KIND_WORDS) as Kind[]).map(
        (one) =>
          html`<label class=${one === kind ? 'chosen' : ''}>
            <input type="radio" name="kind" value=${one} .checked=${one === kind} @change=${() => setKind(one)} />
            <strong>${KIND_WORDS[one].title}</strong><span>${KIND_WORDS[one].about}</span>
          </label>`,
      )}
    </fieldset>
    <div class="scroll">
      <table class="columns">
        <caption>
          Columns of the file with their first values
        </caption>
        <thead>
          <tr><th scope="col">Column</th><th scope="col">First values</th><th scope="col">Is the</th></tr>
        </thead>
        <tbody>
          ${looked.columns.map(({ name, samples }) => columnRow(chosen, name, samples))}
        </tbody>
      </table>
    </div>
    ${settingsView(kind, chosen.settings)}
    ${
      needed.length > 0
        ? html`<p class="needed" role="status">Still needed: ${needed.map(({ words }) => words).join(', ')}. Say which columns they are.</p>`
        : nothing
    }
    ${
      task.running
        ? nothing
        : html`<p class="row">
            <button type="button" class="primary" data-read ?disabled=${needed.length > 0} @click=${() => read(chosen)}>Read the file</button>
          </p>`
    }
    ${taskView(task, 'Reading')}
  </section>`;
}

function columnRow({ kind, roles }: Chosen, name: string, samples: readonly string[]): View {
  const set = (event: Event) => {
    const role = (event.target as HTMLSelectElement).value;
    const single = ROLES[kind].find((one) => one.name === role && !one.many);
    // A role for one column goes from the one that had it.
    if (single) for (const other of Object.keys(roles)) if (roles[other] === role) roles[other] = LEFT_OUT;
    roles[name] = role;
    refresh();
  };
  return html`<tr>
    <th scope="row"><code>${name}</code></th>
    <td class="samples">${samples.join(' · ') || nothing}</td>
    <td>
      <select aria-label=${`What ${name} is`} @change=${set}>
        <option value=${LEFT_OUT} .selected=${roles[name] === LEFT_OUT}>not used</option>
        ${ROLES[kind].map(
          (role) =>
            html`<option value=${role.name} .selected=${roles[name] === role.name}>${role.words}</option>`,
        )}
      </select>
    </td>
  </tr>`;
}
