import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { html, reportPage, type Section } from '../../src/report/index.ts';
import { STYLE } from '../../src/report/style.ts';

const sections: Section[] = [
  { id: 'one', title: 'First', body: html`<p>${'<b>not bold</b>'}</p>` },
  { id: 'two', title: 'Second & last', body: 'text' },
];
const page = () =>
  reportPage({ title: 'A </title><script>x</script>', subtitle: 'sub', sections, footer: 'made by' });

test('one document with a heading, contents and landmarks', async () => {
  const text = await page();
  const { document } = parseHTML(text);
  assert.ok(text.startsWith('<!doctype html>\n<html lang="en">'));
  assert.is(document.querySelectorAll('h1').length, 1);
  assert.is(document.querySelector('title')!.textContent, 'A </title><script>x</script>');
  assert.equal(
    Array.from(document.querySelectorAll('nav a'), (a) => [a.getAttribute('href'), a.textContent]),
    [
      ['#one', 'First'],
      ['#two', 'Second & last'],
    ],
  );
  for (const { id, title } of sections) {
    const section = document.querySelector(`section#${id}`)!;
    assert.is(document.getElementById(section.getAttribute('aria-labelledby')!)!.textContent, title);
  }
  for (const selector of ['header', 'nav[aria-label]', 'main', 'footer', 'a.skip[href="#content"]']) {
    assert.ok(document.querySelector(selector), selector);
  }
  assert.is(document.querySelector('#one p')!.textContent, '<b>not bold</b>');
});

test('the policy lets in this one script and nothing from elsewhere', async () => {
  const text = await page();
  const { document } = parseHTML(text);
  const policy = document.querySelector('meta[http-equiv=Content-Security-Policy]')!.getAttribute('content')!;
  const scripts = text.match(/<script>([\s\S]*?)<\/script>/g)!;
  assert.is(scripts.length, 1);
  const hash = createHash('sha256').update(scripts[0].slice(8, -9)).digest('base64');
  assert.ok(policy.includes(`script-src 'sha256-${hash}'`), policy);
  assert.match(policy, /^default-src 'none'; style-src 'unsafe-inline'; /);
  assert.match(policy, /base-uri 'none'; form-action 'none'/);
  assert.not.match(text, /https?:|\/\/[a-z]|@import|url\(|\ssrc=/i);
});

test('the same content gives the same bytes', async () => {
  assert.is(await page(), await page());
});

/** Luminance of a colour, and contrast of two, by WCAG 2. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const v = Number.parseInt(colour.slice(i, i + 2), 16) / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test('texts have a contrast of 4.5 and marks of 3, on light and dark', () => {
  const colours = new Map<string, string[]>();
  for (const [, name, light, dark] of STYLE.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)) {
    colours.set(name, [light, dark]);
  }
  const least = (fore: string, grounds: string[], ratio: number) => {
    for (const ground of grounds) {
      for (const mode of [0, 1]) {
        const found = contrast(colours.get(fore)![mode], colours.get(ground)![mode]);
        assert.ok(found >= ratio, `${fore} on ${ground}, ${mode ? 'dark' : 'light'}: ${found.toFixed(2)}`);
      }
    }
  };
  for (const text of ['ink', 'soft', 'accent']) least(text, ['ground', 'surface'], 4.5);
  least('ink', ['accent-ground', 'warning-ground'], 4.5);
  for (const mark of [2, 3, 4, 5, 6, 7, 8]) least(`series-${mark}`, ['surface'], 3);
});

test.run();
