import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { barChart, type Html, heatMap, histogram, lineChart, scatterChart } from '../../src/report/index.ts';

const HOSTILE = `</title></svg><script>alert(1)</script><img onerror=x>"'&`;
const dom = (chart: Html) => parseHTML(`<html><body>${chart.text}</body></html>`).document;
type Dom = ReturnType<typeof dom>;
const wide = (document: Dom) => document.querySelector('svg.wide')!;
const numbers = (element: Element, name: string) => Number(element.getAttribute(name));

const line = (name = 'a') => ({ name, x: Float64Array.of(0, 1, 2), y: Float64Array.of(3, 1, 2) });
const CHARTS: Record<string, (text: string) => Html> = {
  line: (text) =>
    lineChart({
      title: text,
      about: text,
      x: { label: text },
      y: { label: text },
      series: [{ ...line(text), low: [2, 0, 1], high: [4, 2, 3] }, line('b')],
      mark: { at: 1, label: text },
    }),
  step: (text) =>
    lineChart({
      title: text,
      about: text,
      x: { label: text },
      y: { label: text },
      series: [line(text)],
      step: true,
    }),
  bar: (text) =>
    barChart({
      title: text,
      about: text,
      x: { label: text },
      of: text,
      labels: [text, 'b'],
      series: [
        { name: text, values: [1, 2], error: [0.1, 0.2] },
        { name: 'other', values: [Number.NaN, 1] },
      ],
    }),
  histogram: (text) =>
    histogram({ title: text, about: text, x: { label: text }, of: text, edges: [0, 1, 2], counts: [3, 4] }),
  heatMap: (text) =>
    heatMap({
      title: text,
      about: text,
      x: { label: text },
      y: { label: text },
      columns: [0, 1, 2],
      rows: [0, 1],
      values: Float32Array.of(0.5, Number.NaN),
      value: { label: text },
      line: line(text),
    }),
  scatter: (text) =>
    scatterChart({
      title: text,
      about: text,
      x: { label: text },
      y: { label: text },
      series: [{ ...line(text), error: [0.1, 0.1, 0.1], weight: [1, 2, 3] }],
      diagonal: true,
    }),
};

for (const [name, make] of Object.entries(CHARTS)) {
  test(`${name}: a figure with a picture for two widths, its words and its numbers`, () => {
    const chart = make('Share <x>');
    const document = dom(chart);
    const pictures = document.querySelectorAll('figure.chart > svg');
    assert.equal(
      Array.from(pictures, (svg) => svg.getAttribute('class')),
      ['wide', 'narrow'],
    );
    for (const svg of pictures) {
      assert.is(svg.getAttribute('role'), 'img');
      assert.is(svg.getAttribute('aria-label'), 'Share <x>. Share <x>');
      assert.match(svg.outerHTML, /var\(--series-1\)|var\(--series-3\)/);
      assert.not.match(svg.outerHTML, /NaN|Infinity|undefined|<style/);
    }
    assert.is(document.querySelector('figcaption')!.textContent, 'Share <x>');
    assert.ok(document.querySelectorAll('details table tbody tr').length >= 1);
    assert.is(make('Share <x>').text, chart.text, 'the same chart twice');
  });

  test(`${name}: a hostile name is only text`, () => {
    const document = dom(make(HOSTILE));
    assert.is(document.querySelectorAll('script, img').length, 0);
    assert.is(document.querySelector('figcaption')!.textContent, HOSTILE);
    assert.is(document.querySelectorAll('figure > svg').length, 2);
  });
}

test('bars are as long as their values, the errors around their ends', () => {
  const document = dom(
    barChart({
      title: 't',
      about: 'a',
      x: { label: 'x' },
      of: 'method',
      labels: ['first', 'second', 'none'],
      series: [{ name: 's', values: [4, 1, 0], error: [1, Number.NaN, 0] }],
      main: 1,
    }),
  );
  const bars = Array.from(wide(document).querySelectorAll('g.rect rect'));
  const widths = bars.map((bar) => numbers(bar, 'width'));
  assert.is(widths.length, 3);
  assert.ok(Math.abs(widths[0] / widths[1] - 4) < 0.01, String(widths));
  assert.is(widths[2], 0);
  assert.equal(
    bars.map((bar) => bar.getAttribute('fill')),
    ['var(--series-3)', 'var(--series-1)', 'var(--series-3)'],
  );
  const errors = wide(document).querySelectorAll('g.rule[stroke-width] line');
  assert.is(errors.length, 1);
  const ends = numbers(errors[0], 'x2') - numbers(errors[0], 'x1');
  assert.ok(Math.abs(ends / widths[1] - 2) < 0.01, 'one error to each side is twice the bar of length 1');
  assert.match(wide(document).textContent!, /first.*second.*none/);
});

test('bars below zero go to the left of it', () => {
  const document = dom(
    barChart({
      title: 't',
      about: 'a',
      x: { label: 'x' },
      of: 'o',
      labels: ['up', 'down'],
      series: [{ name: 's', values: [2, -1] }],
    }),
  );
  const [up, down] = wide(document).querySelectorAll('g.rect rect');
  assert.ok(Math.abs(numbers(down, 'x') + numbers(down, 'width') - numbers(up, 'x')) < 0.2);
  assert.ok(Math.abs(numbers(up, 'width') / numbers(down, 'width') - 2) < 0.01);
});

test('cells are stronger the higher their value, and empty where there is none', () => {
  const document = dom(
    heatMap({
      title: 't',
      about: 'a',
      x: { label: 'x' },
      y: { label: 'y' },
      columns: [0, 1, 2],
      rows: [0, 1, 2],
      values: [0, 0.5, Number.NaN, 1],
      value: { label: 'v', domain: [0, 1] },
    }),
  );
  const opacity = Array.from(wide(document).querySelectorAll('g.rect rect'), (cell) =>
    numbers(cell, 'fill-opacity'),
  );
  assert.equal(opacity, [0.05, 0.525, 1]);
});

test('a step stays until the next point', () => {
  const path = (step: boolean) =>
    wide(
      dom(
        lineChart({ title: 't', about: 'a', x: { label: 'x' }, y: { label: 'y' }, series: [line()], step }),
      ),
    )
      .querySelector('path[stroke="var(--series-1)"], g[stroke="var(--series-1)"] path')!
      .getAttribute('d')!;
  assert.is(path(false).match(/L/g)!.length, 2);
  assert.is(path(true).match(/L/g)!.length, 4);
});

test('huge and equal numbers, one point, no points', () => {
  const chart = (x: number[], y: number[]) =>
    lineChart({
      title: 't',
      about: 'a',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [{ name: 's', x, y }],
    });
  for (const [x, y] of [
    [
      [0, 1e300],
      [-1e300, 1e300],
    ],
    [
      [1, 2],
      [5, 5],
    ],
    [[1], [1]],
    [[], []],
  ]) {
    assert.not.match(chart(x, y).text, /NaN|Infinity/);
  }
  const bars = barChart({ title: 't', about: 'a', x: { label: 'x' }, of: 'o', labels: [], series: [] });
  assert.not.match(bars.text, /NaN|Infinity/);
  const long = barChart({
    title: 't',
    about: 'a',
    x: { label: 'x' },
    of: 'o',
    labels: ['n'.repeat(10_000)],
    series: [{ name: 's', values: [1e308], error: [1e308] }],
  });
  assert.not.match(long.text, /NaN/);
});

test('of many points the table keeps at most sixty rows', () => {
  const x = Float64Array.from({ length: 1000 }, (_, i) => i);
  const { text } = lineChart({
    title: 't',
    about: 'a',
    x: { label: 'x' },
    y: { label: 'y' },
    series: [{ name: 's', x, y: x }],
  });
  assert.match(text, /\(59 of 1000 rows\)/);
  assert.is(dom({ text } as Html).querySelectorAll('tbody tr').length, 59);
});

test('what cannot be drawn is refused by name', () => {
  const axes = { title: 't', about: 'a', x: { label: 'x' }, y: { label: 'y' } };
  const refused = (work: () => unknown, message: RegExp) =>
    assert.throws(work, (error: Error) => error instanceof RangeError && message.test(error.message));
  refused(
    () => lineChart({ ...axes, series: [{ name: 'auc', x: [1], y: [Number.NaN] }] }),
    /^auc\.y\[0\] must be finite, got NaN/,
  );
  refused(() => lineChart({ ...axes, series: [{ name: 'auc', x: [1, 2], y: [1] }] }), /auc\.y must have 2/);
  refused(
    () => scatterChart({ ...axes, series: [{ name: 's', x: [1], y: [1], error: [Infinity] }] }),
    /s\.error\[0\]/,
  );
  refused(
    () => histogram({ ...axes, of: 'n', edges: [0, 2, 1], counts: [1, 1] }),
    /edges\[2\] must be above 2/,
  );
  refused(() => histogram({ ...axes, of: 'n', edges: [0, 1], counts: [1, 1] }), /counts must have 1 entries/);
  refused(
    () => heatMap({ ...axes, columns: [0, 1], rows: [0, 1], values: [Infinity], value: { label: 'v' } }),
    /values\[0\]/,
  );
  refused(
    () =>
      barChart({
        title: 't',
        about: 'a',
        x: axes.x,
        of: 'o',
        labels: ['a'],
        series: [{ name: 's', values: [Infinity] }],
      }),
    /s\.values\[0\]/,
  );
});

test.run();
