import { html } from 'lit-html';
import { refresh } from '../state.ts';
import type { View } from './parts.ts';

/** A field with its name above and what it means below. */
const field = (label: string, about: string, input: View): View =>
  html`<label class="field"><span>${label}</span>${input}<small>${about}</small></label>`;

interface Field {
  readonly label: string;
  readonly about: string;
}

/** A number within bounds; what is none becomes the least. */
export function numberField(
  { label, about }: Field,
  { value, min, max, step = 1 }: { value: number; min: number; max: number; step?: number },
  set: (value: number) => void,
): View {
  const changed = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    const given = Math.round(Number(input.value) / step) * step;
    const kept = Math.min(max, Math.max(min, Number.isFinite(given) ? given : min));
    input.value = String(kept);
    set(kept);
  };
  return field(
    label,
    about,
    html`<input type="number" min=${min} max=${max} step=${step} .value=${String(value)} @change=${changed} />`,
  );
}

export const textField = ({ label, about }: Field, value: string, set: (value: string) => void): View =>
  field(
    label,
    about,
    html`<input type="text" size="8" .value=${value} @change=${({ target }: Event) => set((target as HTMLInputElement).value)} />`,
  );

/** One of a few values, each with its words. */
export const choiceField = <T extends string>(
  { label, about }: Field,
  value: T,
  choices: readonly (readonly [value: T, words: string])[],
  set: (value: T) => void,
): View =>
  field(
    label,
    about,
    html`<select @change=${({ target }: Event) => set((target as HTMLSelectElement).value as T)}>
      ${choices.map(([one, words]) => html`<option value=${one} .selected=${one === value}>${words}</option>`)}
    </select>`,
  );

/** A box to tick. */
export const checkField = (
  { label, about }: Field,
  checked: boolean,
  set: (checked: boolean) => void,
): View => html`<label class="field check">
  <input type="checkbox" .checked=${checked} @change=${({ target }: Event) => {
    set((target as HTMLInputElement).checked);
    refresh();
  }} /><span>${label}</span>${about && html`<small>${about}</small>`}
</label>`;
