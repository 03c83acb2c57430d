import * as fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { html, plain, shortened } from '../../src/report/markup.ts';
import { commands, entriesOf, table } from '../../src/report/parts.ts';

const HOSTILE = `</script><img src=x onerror="alert(1)">'&"<!--`;

test('texts and attributes are escaped, markup is not escaped twice, nothing is nothing', () => {
  const inner = html`<b>${HOSTILE}</b>`;
  const page = html`<p title="${HOSTILE}">${inner}${undefined}${[1, ' ', 'a<b']}</p>`;
  assert.is(
    inner.text,
    '<b>&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;&quot;&lt;!--</b>',
  );
  assert.ok(page.text.endsWith('</b>1 a&lt;b</p>'));
  const { document } = parseHTML(`<html><body>${page.text}</body></html>`);
  assert.is(document.querySelector('p')!.getAttribute('title'), HOSTILE);
  assert.is(document.querySelector('b')!.textContent, HOSTILE);
  assert.is(document.querySelectorAll('img, script').length, 0);
});

test('any text at all comes back as it was, without what cannot be seen', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const { text: markup } = html`${text}`;
      assert.not.match(markup, /[<>"']/);
      const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
      const back = markup.replace(/&([^;]+);/g, (_, name) => entities[name]);
      assert.is(back, plain(text));
    }),
  );
});

test('control characters, direction marks and halves of characters are replaced', () => {
  assert.is(plain('a\u0000b\u001b[31m\u202egnp.exe\ud83d'), 'a\ufffdb\ufffd[31m\ufffdgnp.exe\ufffd');
  assert.is(plain('tab\tline\nגדול \u{1f600}'), 'tab\tline\nגדול \u{1f600}');
});

test('a long text is cut between characters', () => {
  assert.is(shortened('abcdef', 6), 'abcdef');
  assert.is(shortened('abcdef', 3), 'abc\u2026');
  assert.is(shortened('ab\u{1f600}cd', 3), 'ab\u2026');
});

test('a table names its columns and rows, and marks the main one', () => {
  const { document } = parseHTML(
    `<html><body>${
      table(
        'Methods <all>',
        [{ title: 'Method' }, { title: 'First 10', number: true }],
        [{ cells: ['ours', '50 %'], main: true }, { cells: [HOSTILE, '40 %'] }],
      ).text
    }</body></html>`,
  );
  assert.is(document.querySelector('caption')!.textContent, 'Methods <all>');
  assert.equal(
    Array.from(document.querySelectorAll('thead th'), (cell) => cell.getAttribute('scope')),
    ['col', 'col'],
  );
  const rows = document.querySelectorAll('tbody tr');
  assert.is(rows[0].getAttribute('class'), 'main');
  assert.is(rows[1].querySelector('th[scope=row]')!.textContent, HOSTILE);
  assert.is(rows[1].querySelector('td')!.getAttribute('class'), 'number');
});

test('commands and nested values are told as text', () => {
  assert.is(commands(['a <b', 'c']).text, '<pre tabindex="0"><code>a &lt;b\nc</code></pre>');
  assert.equal(entriesOf({ a: 1, b: { c: 'x', d: { e: { f: 1 } } }, g: [1, 2], h: null, i: undefined }), [
    ['a', '1'],
    ['b.c', 'x'],
    ['b.d.e', '{"f":1}'],
    ['g', '[1,2]'],
    ['h', 'null'],
  ]);
  assert.equal(entriesOf('text'), []);
});

test.run();
