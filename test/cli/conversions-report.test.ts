import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeConversions, encodeConversions } from '../../src/conversions-model-file.ts';
import { DelayedFeedbackClassifier } from '../../src/delayed-feedback/classifier.ts';
import type { DelayCurve } from '../../src/delayed-feedback/delay-curve.ts';
import { Engine } from '../../src/index.ts';
import { folderWith, listing, removeFolder, run } from './run.ts';

const SIMULATED = '--customers 300 --products 60 --days 90 --per-year 40 --seed 2'.split(' ');
const COLUMNS = '--time time --conversion conversion --signals cart,revisit --window 14d'.split(' ');
const FEATURES = '--numeric price,activity --categorical category'.split(' ');
const TRAINING = ['--bits', '10', '--seed', '5'];
const AT = '2025-03-01';

const test = suite<{ folder: string }>('cli conversions report');
test.before(async (context) => {
  context.folder = folderWith();
  const made = await run(context.folder, ['simulate', 'events', '--out', 'log', ...SIMULATED]);
  assert.is(made.code, 0, made.err);
  const train = ['conversions', 'train', 'log/exposures.csv', ...COLUMNS, ...FEATURES, ...TRAINING];
  const trained = await run(context.folder, [...train, '--observed-until', AT, '--out', 'm']);
  assert.is(trained.code, 0, trained.err);
});
test.after(({ folder }) => removeFolder(folder));

test('one page of a model and its evaluation, the same bytes each time', async ({ folder }) => {
  const judged = [...COLUMNS, ...FEATURES, ...TRAINING, '--resamples', '50', '--json'];
  const methods = ['--methods', 'vanilla,oracle,telescoping'];
  const [evaluated, updated] = await Promise.all([
    run(folder, ['conversions', 'evaluate', 'log/exposures.csv', ...methods, ...judged]),
    run(folder, ['conversions', 'update', 'm', 'log/exposures.csv', ...COLUMNS, '--out', 'updated']),
  ]);
  assert.is(evaluated.code, 0, evaluated.err);
  assert.is(updated.code, 0, updated.err);
  const found = evaluated.json.methods.telescoping;
  writeFileSync(join(folder, 'evaluation.json'), evaluated.out);
  writeFileSync(join(folder, 'bad.json'), evaluated.out.replace(/"pcoc": [\d.]+/, '"pcoc": -1'));
  const report = (model: string, ...argv: string[]) => run(folder, ['report', model, ...argv]);
  const options = ['--evaluation', 'evaluation.json', '--top', '3', '--out'];
  const [a, b, alone, bad] = await Promise.all([
    report('m', ...options, 'a.html', '--json'),
    report('m', ...options, 'b.html'),
    report('updated', '--out', 'c.html'),
    report('m', '--evaluation', 'bad.json', '--out', 'd.html', '--json'),
  ]);
  assert.is(a.code, 0, a.err);
  assert.is(a.err, '');
  assert.equal(a.json.items, 3);
  assert.match(b.out, /^Wrote b\.html: \d+ kB, 3 open rows listed\.\n/);
  const [page, again, other] = ['a', 'b', 'c'].map((x) => readFileSync(join(folder, `${x}.html`), 'utf8'));
  assert.is(page.replace('--out a.html --json', '--out b.html'), again);
  const { document } = parseHTML(page);
  const words = (id: string) => document.getElementById(id)!.textContent!.replace(/\s+/g, ' ');
  assert.ok(words('methods').includes(`${found.logLoss.toFixed(4)}${found.auc.toFixed(4)}`));
  assert.match(words('overview'), /Verdict: |Too few to judge/);
  assert.match(words('card'), /fletching conversions train exposures\.csv --time time .*--out m #/);
  assert.is(document.querySelectorAll('#open-list li').length, 3);
  for (const text of [page, other]) assert.not.match(text, /NaN|undefined|Infinity|\[object|https?:|\ssrc=/);
  assert.is(alone.code, 0, alone.err);
  assert.match(other, /then told by conversions update/);
  assert.is(bad.code, 1);
  assert.is(bad.json.error.code, 'bad-json');
  assert.match(bad.json.error.message, /bad\.json: methods\.\w+\.pcoc must be a number from 0 /);
  assert.not.ok(listing(folder).includes('d.html'));
});

test('a curve that no training gives is a damaged model', async ({ folder }) => {
  const engine = await Engine.create();
  const model = decodeConversions(engine, readFileSync(join(folder, 'm')));
  for (const change of [
    (curve: DelayCurve) => (curve.known[1] = Number.NaN),
    (curve: DelayCurve) => curve.final.pop(),
    (curve: DelayCurve) => (curve.age = []),
    (curve: DelayCurve) => curve.age.reverse(),
  ]) {
    const state = model.state();
    change(state.curve);
    const restored = DelayedFeedbackClassifier.restore(engine, state);
    writeFileSync(join(folder, 'odd'), encodeConversions(restored));
    restored.dispose();
    const { code, json } = await run(folder, ['report', 'odd', '--out', 'odd.html', '--json']);
    assert.is(code, 1);
    assert.is(json.error.code, 'damaged-model');
    assert.match(json.error.message, /curve\.\w+ is no list of numbers/);
  }
  engine.dispose();
});

test.run();
