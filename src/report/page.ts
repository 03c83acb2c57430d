import { Html, html } from './markup.ts';
import type { Section } from './parts.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface ReportPage {
  readonly title: string;
  /** What the report is of, in a line. */
  readonly subtitle: string;
  readonly sections: readonly Section[];
  /** The line at the end: what made the page. */
  readonly footer: string;
}

/**
 * One HTML document that needs no network: style, script and charts stand inside, and a content security policy lets
 * nothing else in, so that even markup that slipped through could neither run nor load anything. The same content gives
 * the same bytes.
 */
export async function reportPage({ title, subtitle, sections, footer }: ReportPage): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(SCRIPT));
  const script = btoa(String.fromCharCode(...new Uint8Array(digest)));
  // Charts carry style attributes, which no hash covers; a style can load nothing under default-src 'none'.
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${script}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<div><h1>${title}</h1><p class="subtitle">${subtitle}</p></div>
<button type="button" id="theme" aria-pressed="false" hidden>Dark</button>
</header>
<nav aria-label="Contents"><ul>${sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>
<main id="content">
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>
<footer>${footer}</footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}
