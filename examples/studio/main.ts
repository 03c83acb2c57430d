import { html, render, svg } from 'lit-html';
import { STYLE } from '../../src/report/style.ts';
import { drawWith, type PageName, place, refresh } from './state.ts';
import { isDark, startTheme, toggleTheme } from './theme.ts';
import { conversionsView } from './views/conversions.ts';
import { relatedView } from './views/related.ts';
import { startView } from './views/start.ts';
import { thresholdsView } from './views/thresholds.ts';

const PAGES: readonly (readonly [PageName, string])[] = [
  ['start', 'Start'],
  ['related', 'Related'],
  ['conversions', 'Conversions'],
  ['thresholds', 'Thresholds'],
];

const titleOf = (page: PageName) => PAGES.find(([name]) => name === page)?.[1];

const VIEWS: Readonly<Record<PageName, () => unknown>> = {
  start: startView,
  related: relatedView,
  conversions: conversionsView,
  thresholds: thresholdsView,
};

const mark = svg`<path d="M8 24 26 6M18 6h8v8M4 22l4-4h6M10 28l4-4v-6" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/>`;

const whole = (page: PageName) => html`<a class="skip" href="#content" @click=${(event: Event) => {
  // The address names a page, not a place in it.
  event.preventDefault();
  document.getElementById('content')?.focus();
}}>Skip to the content</a>
  <header class="top">
    <a class="brand" href="#start"><svg viewBox="0 0 32 32" aria-hidden="true">${mark}</svg>Fletching studio</a>
    <button type="button" id="theme" class="quiet" aria-pressed=${isDark()} @click=${() => {
      toggleTheme();
      refresh();
    }}>Dark</button>
  </header>
  <nav aria-label="Pages">
    <ul>
      ${PAGES.map(
        ([name, title]) =>
          html`<li><a href="#${name}" aria-current=${name === page ? 'page' : 'false'}>${title}</a></li>`,
      )}
    </ul>
  </nav>
  <main id="content" tabindex="-1" data-page=${page}>${VIEWS[page]()}</main>
  <footer>Everything here happens in this page: files are read, learned from and answered by your own browser.</footer>`;

startTheme();
const base = document.createElement('style');
base.textContent = STYLE;
document.head.prepend(base);
let shown: PageName | undefined;
drawWith(() => {
  const { page } = place();
  render(whole(page), document.body);
  if (shown !== undefined && shown !== page) window.scrollTo(0, 0);
  shown = page;
  document.title = page === 'start' ? 'Fletching studio' : `${titleOf(page)} · Fletching studio`;
});
addEventListener('hashchange', refresh);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', refresh);
// A file that is dropped beside its place would otherwise be opened instead of the page.
for (const kind of ['dragover', 'drop'] as const) addEventListener(kind, (event) => event.preventDefault());
