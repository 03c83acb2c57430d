import { html, nothing } from 'lit-html';
import { defaultSettings, desks, load, type Settings, simulate, taskOf } from '../data.ts';
import type { Kind, Looked } from '../jobs.ts';
import { guessKind, guessRoles, KIND_WORDS } from '../roles.ts';
import { refresh } from '../state.ts';
import { Task } from '../task.ts';
import { columnsView } from './columns.ts';
import { taskView, type View } from './parts.ts';

/** The file that was chosen, and how it is to be read. */
export interface Chosen {
  readonly file: File;
  readonly looked: Looked;
  kind: Kind;
  roles: Record<string, string>;
  settings: Settings;
}

let chosen: Chosen | undefined;
let over = false;
const looking = new Task();

async function choose(file: File | undefined): Promise<void> {
  if (!file) return;
  chosen = undefined;
  const looked = await looking.run(desks.look, 'look', file);
  if (!looked) return;
  const kind = guessKind(looked.columns);
  chosen = { file, looked, kind, roles: guessRoles(kind, looked.columns), settings: { ...defaultSettings } };
  refresh();
}

function drop(event: DragEvent): void {
  event.preventDefault();
  over = false;
  void choose(event.dataTransfer?.files[0]);
  refresh();
}

function dragged(event: DragEvent, inside: boolean): void {
  event.preventDefault();
  if (over !== inside) refresh();
  over = inside;
}

function chose(event: Event): void {
  const input = event.target as HTMLInputElement;
  void choose(input.files?.[0]);
  // The same file can be chosen again after it was changed.
  input.value = '';
}

function read({ file, looked, kind, roles, settings }: Chosen): void {
  void load(
    kind,
    { from: 'file', kind, file, delimiter: looked.delimiter, format: looked.format, roles },
    settings,
  );
}

const SIMULATIONS: readonly (readonly [Kind, string, string])[] = [
  ['orders', 'Load the simulated shop', '400 products, a year of orders: what leads to what'],
  ['events', 'Load simulated events', '22,000 showings, of which some are bought weeks later'],
  ['scores', 'Load simulated scores', '20,000 scores, some of which rest on few views'],
];

export function startView(): View {
  return html`<section class="hero">
      <h1>Who bought this buys what next?</h1>
      <p class="lead">
        Drop a file and see the answer. It is read, learned from and answered in this page; nothing you load leaves it.
      </p>
      <label
        class="drop ${over ? 'over' : ''}"
        @dragover=${(event: DragEvent) => dragged(event, true)}
        @dragleave=${(event: DragEvent) => dragged(event, false)}
        @drop=${drop}
      >
        <input type="file" @change=${chose} accept=".csv,.tsv,.jsonl,.ndjson,.parquet,.gz,.txt" />
        <strong>Drop a file here, or <span class="link">choose one</span></strong>
        <span>orders.csv, edges.csv, an event log or a table of scores · CSV, TSV, JSON lines or Parquet, also gzipped</span>
      </label>
      ${taskView(looking, 'Looking at the file')}
    </section>
    ${chosen ? columnsView(chosen, read) : nothing} ${chosen ? nothing : samplesView()}`;
}

const samplesView = (): View => html`<section aria-labelledby="samples">
    <h2 id="samples">Nothing at hand?</h2>
    <div class="cards">
      ${SIMULATIONS.map(
        ([kind, label, about]) =>
          html`<button type="button" class="card" data-load=${kind} ?disabled=${taskOf(kind).running} @click=${() => void simulate(kind)}>
            <strong>${label}</strong><span>${about}</span>
          </button>`,
      )}
    </div>
    ${SIMULATIONS.map(([kind]) => taskView(taskOf(kind), 'Reading'))}
  </section>
  <section aria-labelledby="files">
    <h2 id="files">What a file may hold</h2>
    <dl class="kinds">
      ${Object.values(KIND_WORDS).map(({ title, about }) => html`<div><dt>${title}</dt><dd>${about}</dd></div>`)}
    </dl>
    <pre class="sample"><code>customer,item,time
anna,Orbit X1 phone,2025-03-01
anna,"Orbit X1 case, clear",2025-03-09</code></pre>
  </section>`;
