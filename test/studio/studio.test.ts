import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DirectedGraph,
  decodeModel,
  Engine,
  nodeFeatures,
  RelatedProducts,
  ThresholdPolicy,
} from '../../src/index.ts';
import { exposuresCsv, simulateExposures, simulateShop } from '../../src/simulate/index.ts';
import { choose, hasBrowser, type Opened, type Studio, saved, startStudio, texts } from './page.ts';

const studio = suite('studio');
const test = hasBrowser ? studio : studio.skip;
let host: Studio;

studio.before(async () => {
  if (hasBrowser) host = await startStudio();
});
studio.after(async () => host?.close());

/** Runs on a page of its own; nothing may be asked of any network, and nothing may be logged as an error. */
async function on(
  body: (opened: Opened) => Promise<void>,
  ...size: Parameters<Studio['open']>
): Promise<void> {
  const opened = await host.open(...size);
  try {
    await body(opened);
    assert.equal(opened.requests, [], 'requests after the page was loaded');
    assert.equal(opened.errors, []);
  } finally {
    await opened.page.close();
  }
}

test('the simulated shop: trained with a live loss, asked both ways, judged and taken away', () =>
  on(async ({ page }) => {
    await page.click('[data-load=orders]');
    await page.click('[data-train]');
    await page.waitForSelector('.live svg');
    // The page goes on answering while the worker trains.
    await page.click('nav a[href="#start"]');
    await page.waitForSelector('.hero');
    await page.click('nav a[href="#related"]');
    await page.waitForSelector('[data-trained]');

    const ask = async (text: string, id: string) => {
      await page.fill('#search', text);
      await page.waitForSelector('#found li');
      await page.keyboard.press('Enter');
      await page.waitForSelector(`[data-item="${id}"]`);
      return page
        .locator('[data-answer]')
        .evaluateAll((all) => all.map((one) => one.getAttribute('data-answer')));
    };
    const ofCase = await ask('orbit x1 case, clear', 'orbit-x1-case-clear');
    assert.not.ok(ofCase.includes('orbit-x1-phone'), 'a case leads to no phone');
    await page.fill('#search', 'phone');
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector('#search[aria-activedescendant=found-1][aria-expanded=true]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#search[aria-expanded=false]');
    const ofPhone = await ask('orbit x1 phone', 'orbit-x1-phone');
    assert.ok(
      ofPhone.some((id) => id?.startsWith('orbit-x1-case')),
      `a phone leads to a case, got ${ofPhone}`,
    );
    assert.match(
      (await texts(page, '.answers li'))[0],
      /seen \d+ times.*customers who bought Orbit X1 phone bought it next/,
    );
    await page.waitForSelector('text=products with this one among their first ten answers');
    assert.ok((await page.locator('.leads li').count()) > 0, 'something leads to the phone');
    assert.ok((await page.locator('svg.wide .arrow').count()) > 3, 'a picture of the pairs around it');
    // Going back shows the product before.
    await page.goBack();
    await page.waitForSelector('[data-item="orbit-x1-case-clear"]');
    await page.goForward();
    await page.waitForSelector('[data-item="orbit-x1-phone"]');

    const model = await saved(page, '[data-save=model]');
    assert.is(model.name, 'model.safetensors');
    const decoded = await decodeModel(model.bytes);
    const engine = await Engine.create();
    const shop = simulateShop(engine, { seed: 1 });
    const { node, feature, value } = shop.features;
    const graph = DirectedGraph.fromOrders(shop.orders, { ids: shop.items.id, minSupport: 4 });
    const here = await RelatedProducts.fit(graph, {
      engine,
      features: nodeFeatures(node, feature, value, graph.nodeCount),
      seed: 1,
      training: { steps: 300 },
      encoder: { directionLoss: 0.3 },
    });
    assert.is(
      await decoded.modelHash(),
      await here.modelHash(),
      'the same model as outside of the browser, bit for bit',
    );
    decoded.attach(engine);
    assert.equal(
      decoded.recommend('orbit-x1-phone').map(({ id }) => id),
      ofPhone,
    );

    const answers = await saved(page, '[data-save=answers]');
    const { items } = JSON.parse(Buffer.from(answers.bytes).toString());
    assert.is(items.length, 400);
    const phone = items.find((one: { item: string }) => one.item === 'orbit-x1-phone');
    assert.equal(
      phone.recommendations.map((one: { id: string }) => one.id),
      ofPhone,
    );

    await page.waitForSelector('[data-verdict]');
    assert.match((await texts(page, '[data-verdict]'))[0], /^Verdict: /);
    assert.ok(
      (await page.locator('section:has(#quality) tbody tr').count()) > 10,
      'every baseline is beside it',
    );
    const report = Buffer.from((await saved(page, '[data-save=report]')).bytes).toString();
    assert.match(report, /^<!doctype html>/);
    assert.ok(report.includes('Verdict: ') && report.includes('Orbit X1 phone'));
    engine.dispose();
  }));

const ORDERS = [
  'who;what;when;title',
  'anna;p1;2025-03-01;Phone',
  'anna;c1;2025-03-02;Case, clear',
  ';c1;2025-03-02;Case, clear',
  'bea;p1;yesterday;Phone',
  'bea;p1;2025-03-01;Phone',
  'bea;c1;2025-03-05;Case, clear;9',
  'bea;c1;2025-03-05;Case, clear',
  'cleo;p1;2025-03-01;Phone',
  'cleo;c1;2025-03-05;Case, clear',
].join('\n');

test('a file of unknown columns with bad rows: columns are chosen, rows left out are told by line, field and reason', () =>
  on(async ({ page }) => {
    await choose(page, 'orders.csv', ORDERS);
    await page.waitForSelector('.columns');
    assert.ok(await page.isDisabled('[data-read]'));
    assert.match((await texts(page, '.needed'))[0], /customer, product, time/);
    for (const [name, role] of [
      ['who', 'customer'],
      ['what', 'item'],
      ['when', 'time'],
    ]) {
      await page.selectOption(`select[aria-label="What ${name} is"]`, role);
    }
    await page.click('[data-read]');
    // Three pairs of two products are no more than chance.
    await page.waitForSelector('[role=alert]');
    assert.match((await texts(page, '[role=alert]'))[0], /no product leads to another often enough/);
    assert.match((await texts(page, '.bad summary'))[0], /^3 rows left out/);
    await page.fill('.field:has-text("chance") input >> nth=-1', '0');
    await page.click('[data-read]');
    await page.waitForSelector('main[data-page=related] .bad');
    assert.match((await texts(page, '.bad summary'))[0], /^3 rows left out/);
    const rows = await texts(page, '.bad tbody tr');
    assert.is(rows.length, 3);
    assert.match(rows[0], /^4 who .*empty/);
    assert.match(rows[1], /^5 when .*yesterday/);
    assert.match(rows[2], /^7 .*field/);
    assert.match((await texts(page, '.read')).join(), /Products 2.*Pairs.* 1/);
    await page.click('[data-train]');
    await page.waitForSelector('[data-item=p1] [data-answer=c1]');
    assert.is((await texts(page, '[data-item] h3'))[0], 'Phone');
  }));

test('files that cannot be read are refused in the words of the typed error', () =>
  on(async ({ page }) => {
    await choose(page, 'empty.csv', '');
    await page.waitForSelector('[role=alert]');
    assert.match((await texts(page, '[role=alert]'))[0], /empty\.csv.*empty/);
    await choose(page, 'orders.csv', 'customer,item,time\nanna,phone,never\n');
    await page.click('[data-read]');
    await page.waitForSelector('[role=alert]');
    assert.match((await texts(page, '[role=alert]'))[0], /orders\.csv.*no/);
    await choose(page, 'edges.csv', 'source,target\n<img src=x onerror=alert(1)>,b\n"__proto__",b\nb,b\n');
    await page.click('[data-read]');
    await page.waitForSelector('[data-train]');
    assert.match((await texts(page, '.note')).join(), /1 pair from a product to itself left out/);
  }));

test('training and judging can be cancelled, and the page goes on', () =>
  on(async ({ page }) => {
    await page.click('[data-load=orders]');
    await page.selectOption('section:has(#training) select', '1000');
    await page.click('[data-train]');
    await page.waitForSelector('.live');
    await page.click('[data-cancel]');
    await page.waitForSelector('.stopped');
    assert.match((await texts(page, '.stopped'))[0], /Training: stopped/);
    await page.selectOption('section:has(#training) select', '100');
    await page.click('[data-train]');
    await page.waitForSelector('[data-trained]');
    await page.click('section:has(#quality) [data-cancel]');
    await page.waitForSelector('section:has(#quality) .stopped');
    assert.ok(await page.isVisible('[data-item]'), 'the model still answers');
    await page.waitForSelector('[data-judge]');
  }));

test('thresholds: the slider fits anew, a higher bound finds less, and the policy is what the page showed', () =>
  on(async ({ page }) => {
    await page.click('[data-load=scores]');
    const found = async () => Number.parseFloat((await texts(page, '.found .figure.main dd'))[0]);
    const settle = async (value: number) => {
      await page.fill('#precision', String(value));
      await page.waitForSelector(`[data-found="${value}"][aria-busy=false]`);
      return found();
    };
    await page.waitForSelector('[data-found]');
    const [many, few] = [await settle(0.5), await settle(0.65)];
    assert.ok(many > few && few > 0, `found ${many} % at 50 % and ${few} % at 65 %`);
    await page.focus('#precision');
    await page.keyboard.press('ArrowLeft');
    await page.waitForSelector('[data-found="0.64"]');
    assert.ok((await page.locator('.found svg.wide').count()) === 1);
    await page.click('.bound input[type=checkbox]');
    await page.waitForSelector('[data-found="0.64"] >> text=/confidence|certif/i');
    const { name, bytes } = await saved(page, '[data-save=policy]');
    assert.is(name, 'policy.json');
    const policy = ThresholdPolicy.fromJSON(JSON.parse(Buffer.from(bytes).toString()));
    assert.is(policy.card.precision, 0.64);
    assert.is(policy.card.certified, true);
    assert.is(policy.decide(0.99, 0.01), 'positive');
    assert.is(policy.decide(0.01, 0.2), 'negative');
  }));

test('conversions: an event log by file, its delay curve, and methods compared', () =>
  on(async ({ page }) => {
    const engine = await Engine.create();
    const shop = simulateShop(engine, { seed: 2, customers: 400 });
    await choose(page, 'exposures.csv', [...exposuresCsv(shop, simulateExposures(engine, shop))].join(''));
    engine.dispose();
    await page.click('[data-read]');
    await page.waitForSelector('[data-delay] svg.wide');
    assert.match((await texts(page, '.read')).join(), /Signals before a conversion cart, revisit/);
    await page.uncheck('.methods label:has-text("wait") input');
    await page.click('[data-compare]');
    await page.waitForSelector('[data-compared]');
    const rows = await texts(page, 'section:has(#methods) > .scroll tbody th');
    assert.equal([...rows].sort(), ['oracle', 'telescoping', 'vanilla']);
    assert.match((await texts(page, '[data-compared]'))[0], /Of the gap|Too few/);
  }));

test('what the page and its workers try to send is refused by the browser', async () => {
  const { page, requests } = await host.open();
  const tried = await page.evaluate(async () => {
    const send = `fetch('${location.href}').then(() => 'sent', () => 'refused')`;
    const worker = new Worker(URL.createObjectURL(new Blob([`${send}.then(postMessage)`])));
    const answer = new Promise<string>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
    const own = await fetch(location.href).then(
      () => 'sent',
      () => 'refused',
    );
    return [own, await answer];
  });
  assert.equal(tried, ['refused', 'refused']);
  assert.equal(requests, []);
  await page.close();
});

test('every page fits a phone, is readable light and dark, and passes axe', () =>
  on(
    async ({ page }) => {
      await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8'));
      const violations = () =>
        page.evaluate(async () => {
          const { axe } = globalThis as never as { axe: typeof import('axe-core') };
          const found = await axe.run(document);
          return found.violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
          );
        });
      const check = async (name: string) => {
        for (const theme of ['light', 'dark']) {
          assert.equal(await violations(), [], `${name}, ${theme}`);
          await page.click('#theme');
        }
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 390, `${name} is ${width} pixels wide`);
      };
      await check('start');
      await choose(page, 'orders.csv', ORDERS);
      await page.waitForSelector('.columns');
      await check('columns');
      await page.click('nav a[href="#thresholds"]');
      await page.click('[data-simulate]');
      await page.waitForSelector('[data-found]');
      await check('thresholds');
      await page.click('nav a[href="#conversions"]');
      await page.click('[data-simulate]');
      await page.waitForSelector('[data-delay]');
      await check('conversions');
      await page.click('nav a[href="#related"]');
      await page.click('[data-simulate]');
      await page.selectOption('section:has(#training) select', '100');
      await page.click('[data-train]');
      await page.waitForSelector('[data-item]');
      await page.fill('#search', 'case');
      await page.waitForSelector('#found li');
      assert.equal(await violations(), [], 'searching');
      await page.keyboard.press('Escape');
      await page.waitForSelector('[data-verdict]');
      await check('related');
    },
    { width: 390, height: 844 },
  ));

studio.run();
