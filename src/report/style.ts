/**
 * The page's style. Every colour is a variable with a value for light and one for dark, chosen by `color-scheme`; charts
 * use the same variables. Text has a contrast of at least 4.5 against its ground, marks of at least 3.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfbfa, #131619);
  --surface: light-dark(#ffffff, #1b1f23);
  --line: light-dark(#e3e5e7, #30363c);
  --ink: light-dark(#1b1f24, #e8eaec);
  --soft: light-dark(#59616b, #a3acb6);
  --accent: light-dark(#0a6a8c, #58bfe2);
  --accent-ground: light-dark(#e9f3f7, #14303b);
  --warning: light-dark(#8a4b00, #f2b45c);
  --warning-ground: light-dark(#fdf3e3, #35270f);
  --series-1: var(--accent);
  --series-2: light-dark(#434b55, #c3cad1);
  --series-3: light-dark(#8a929c, #7d8691);
  --series-4: light-dark(#b45309, #f0a94b);
  --series-5: light-dark(#3f7d20, #8fcf6a);
  --series-6: light-dark(#7440c9, #b79cf5);
  --series-7: light-dark(#b8195e, #f08bb4);
  --series-8: light-dark(#0f766e, #4fd1c0);
}
:root[data-theme='light'] { color-scheme: light; }
:root[data-theme='dark'] { color-scheme: dark; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto;
  max-width: 66rem;
  padding: 0 1.5rem 4rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--surface); padding: .5rem 1rem; z-index: 2; }
header { display: flex; gap: 1.5rem; align-items: start; justify-content: space-between; padding: 3rem 0 1.25rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0; letter-spacing: -.015em; font-weight: 650; }
h2 { font-size: 1.375rem; line-height: 1.3; margin: 0 0 1rem; letter-spacing: -.01em; font-weight: 650; }
h3 { font-size: 1rem; margin: 2rem 0 .5rem; font-weight: 650; }
.subtitle { margin: .5rem 0 0; color: var(--soft); }
p { max-width: 44rem; margin: 0 0 1rem; }
button, input {
  font: inherit;
  color: inherit;
  background: var(--surface);
  border: 1px solid light-dark(#858c94, #78818b);
  border-radius: .5rem;
  padding: .375rem .875rem;
}
button { cursor: pointer; flex: none; white-space: nowrap; }
button[aria-pressed='true'] { background: var(--accent-ground); border-color: var(--accent); }
nav { position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: 0 1.5rem; list-style: none; margin: 0; padding: .25rem 0; overflow-x: auto; }
nav a { display: block; padding: .5rem 0; white-space: nowrap; text-decoration: none; font-size: .9375rem; }
nav a:hover { text-decoration: underline; }
section { padding: 3rem 0 0; scroll-margin-top: 1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 0 0 1.5rem; }
.figure { flex: 1 1 9rem; max-width: 16rem; background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
.figure dt { color: var(--soft); font-size: .875rem; line-height: 1.35; }
.figure dd { margin: .375rem 0 0; font-size: 1.625rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.figure small { display: block; margin-top: .25rem; color: var(--soft); font-size: .8125rem; line-height: 1.4; font-weight: 400; }
.figure.main { border-color: var(--accent); }
.figure.main dd { color: var(--accent); }
.figure.main small { color: var(--soft); }
.list { margin: 0 0 1.5rem; max-width: 48rem; }
.list div { display: grid; grid-template-columns: minmax(9rem, 16rem) 1fr; gap: 0 1.5rem; padding: .4375rem 0; border-bottom: 1px solid var(--line); }
.list dt { color: var(--soft); }
.list dd { margin: 0; font-variant-numeric: tabular-nums; }
.notice { border-left: 4px solid var(--accent); background: var(--accent-ground); border-radius: 0 .75rem .75rem 0; padding: 1rem 1.25rem; margin: 0 0 1.5rem; max-width: 52rem; }
.notice p:last-child { margin: 0; }
.notice p { max-width: 48rem; }
.notice.verdict p:first-child { font-size: 1.0625rem; font-weight: 600; }
.notice.warning { border-color: var(--warning); background: var(--warning-ground); }
.scroll { overflow-x: auto; margin: 0 0 1.5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; line-height: 1.45; }
table.few { max-width: 40rem; }
table.many { min-width: 44rem; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding: 0 0 .5rem; }
th, td { text-align: left; vertical-align: baseline; padding: .4375rem 1rem .4375rem 0; border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: normal; }
th:last-child, td:last-child { padding-right: .25rem; }
thead th { color: var(--soft); font-size: .8125rem; white-space: nowrap; vertical-align: bottom; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.main th, tr.main td { font-weight: 600; }
tr.main th:first-child { color: var(--accent); }
.chart { margin: 0 0 2rem; background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem 1.5rem; container-type: inline-size; }
.chart figcaption { font-weight: 600; margin: 0 0 .25rem; }
.chart > p { color: var(--soft); font-size: .875rem; margin: 0 0 .75rem; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; color: var(--soft); font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
.chart svg text { font-variant-numeric: tabular-nums; white-space: pre; }
.chart .narrow { display: none; }
@container (max-width: 40rem) {
  .chart .wide { display: none; }
  .chart .narrow { display: block; max-width: 27rem; }
}
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.5rem; align-items: start; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0 0 .75rem; padding: 0; font-size: .875rem; color: var(--soft); }
.legend svg { display: inline-block; width: 22px; height: 10px; margin-right: .4rem; }
.ramp { display: inline-block; width: 6rem; height: .625rem; margin: 0 .25rem; border-radius: 2px; background: linear-gradient(90deg, color-mix(in srgb, var(--series-1) 5%, transparent), var(--series-1)); }
.chart details { margin-top: .75rem; }
summary { cursor: pointer; }
.chart summary { color: var(--soft); font-size: .8125rem; }
.chart details .scroll { margin: .5rem 0 0; }
.chart table { font-size: .8125rem; }
pre { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem; overflow-x: auto; font-size: .875rem; line-height: 1.6; margin: 0 0 1.5rem; }
.find { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: 0 0 1rem; }
.find[hidden] { display: none; }
.find input { flex: 1 1 14rem; max-width: 26rem; }
.find label { font-weight: 600; }
.status { color: var(--soft); font-size: .875rem; margin: 0 0 1rem; }
.items { border-top: 1px solid var(--line); }
.items > details { border-bottom: 1px solid var(--line); }
.items > details[hidden] { display: none; }
.items > details > summary { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; align-items: baseline; padding: .75rem .25rem; }
.items > details > summary::-webkit-details-marker { display: none; }
.items > details > summary:hover { background: var(--surface); }
.items > details[open] > summary .what { color: var(--accent); font-weight: 600; }
.items .what::before { content: '\\25B8'; color: var(--soft); display: inline-block; width: 1.25rem; }
.items [open] > summary .what::before { content: '\\25BE'; }
.items .counts { color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; text-align: right; }
.items ol { margin: 0 .25rem 1.25rem 1.25rem; padding: 0; list-style: none; counter-reset: place; }
.items li { display: grid; grid-template-columns: 1.75rem 1fr auto; gap: 0 .5rem; padding: .5rem 0; border-top: 1px solid var(--line); align-items: baseline; }
.items li::before { counter-increment: place; content: counter(place); color: var(--soft); font-variant-numeric: tabular-nums; }
.items .why { grid-column: 2 / -1; color: var(--soft); font-size: .875rem; line-height: 1.45; }
.id { color: var(--soft); font-size: .8125rem; font-weight: 400; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .875rem; }
@media (max-width: 48rem) {
  body { padding: 0 1rem 3rem; }
  header { padding-top: 1.75rem; }
  h1 { font-size: 1.5rem; }
  section { padding-top: 2.25rem; }
  .charts { grid-template-columns: 1fr; }
  .chart { padding: 1rem; }
  .figures { gap: .75rem; }
  .figure { padding: .75rem .875rem; }
  .figure dd { font-size: 1.3125rem; }
  .list div { grid-template-columns: 1fr; }
  .items ol { margin-left: 0; }
  .items > details > summary { grid-template-columns: 1fr; }
  .items .counts { text-align: left; }
  .items > details > summary .counts { padding-left: 1.25rem; }
  .items li { grid-template-columns: 1.75rem 1fr; }
  .items li .counts, .items .why { grid-column: 2; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root { color-scheme: light; }
  html { font-size: 75%; }
  body { max-width: none; padding: 0; }
  table.many { min-width: 0; }
  thead th { white-space: normal; }
  nav, #theme, .find, .skip { display: none !important; }
  section { padding-top: 1.5rem; }
  .chart, .figure, .notice, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
}
`;
