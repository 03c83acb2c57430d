import { html, nothing } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { ShopItem } from '../jobs.ts';
import { refresh } from '../state.ts';
import { matching } from './matching.ts';
import type { View } from './parts.ts';

let text = '';
let open = false;
let active = 0;
let found: number[] = [];

/** A search for one product by keyboard or pointer (the combobox of the ARIA authoring practices). */
export function combobox(
  items: readonly ShopItem[],
  current: number | undefined,
  choose: (node: number) => void,
): View {
  const search = () => {
    found = matching(items, text);
    active = 0;
    open = true;
    refresh();
  };
  const take = (node: number | undefined) => {
    if (node === undefined) return;
    text = '';
    open = false;
    choose(node);
    refresh();
  };
  const close = () => {
    open = false;
    refresh();
  };
  const move = (to: number) => {
    if (!open) return search();
    active = (to + found.length) % Math.max(1, found.length);
    refresh();
  };
  const key = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      Enter: () => (open ? take(found[active]) : search()),
      Escape: () => {
        text = '';
        close();
      },
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    moves[event.key]();
  };
  const shown = open && found.length > 0;
  return html`<div class="combobox">
    <label for="search">Search a product</label>
    <input
      id="search"
      type="text"
      role="combobox"
      autocomplete="off"
      spellcheck="false"
      placeholder=${current === undefined ? 'name or id' : items[current].name}
      aria-expanded=${shown}
      aria-controls="found"
      aria-autocomplete="list"
      aria-activedescendant=${shown ? `found-${active}` : nothing}
      .value=${live(text)}
      @input=${(event: Event) => {
        text = (event.target as HTMLInputElement).value;
        search();
      }}
      @keydown=${key}
      @blur=${close}
    />
    <ul id="found" role="listbox" aria-label="Products" ?hidden=${!shown}>
      ${found.map(
        (node, i) =>
          // Pressed, not clicked: by then the field would have lost the focus and the list would be gone.
          html`<li id="found-${i}" role="option" aria-selected=${i === active} @mousedown=${(
            event: Event,
          ) => {
            event.preventDefault();
            take(node);
          }}>
            <span>${items[node].name}</span><small>${items[node].out} → · → ${items[node].in}</small>
          </li>`,
      )}
    </ul>
    <p class="status" role="status">${open && text !== '' && found.length === 0 ? 'No product has that in its name or id.' : ''}</p>
  </div>`;
}
