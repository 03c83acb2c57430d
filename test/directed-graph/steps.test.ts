import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { finished, paced, type Step, type Steps } from '../../src/directed-graph/steps.ts';

/** Two pieces of one phase and one of another, each told a part short of its end. */
function* job(): Steps<string> {
  for (const [phase, total] of [
    ['counts', 4],
    ['counts', 6],
    ['ranking', 2],
  ] as const) {
    for (let step = 0; step < total; step += 2) yield { phase, step, total };
  }
  return 'done';
}

const TOLD = ['counts 0/4', 'counts 2/4', 'counts 4/4']
  .concat(['counts 0/6', 'counts 2/6', 'counts 4/6', 'counts 6/6'])
  .concat(['ranking 0/2', 'ranking 2/2']);
const text = ({ phase, step, total }: Step) => `${phase} ${step}/${total}`;

test('every piece of a job is told to its end, at once and with turns between', async () => {
  const told: string[] = [];
  assert.is(
    finished(job(), undefined, (step) => told.push(text(step))),
    'done',
  );
  assert.equal(told, TOLD);
  const later: string[] = [];
  assert.is(await paced(job(), undefined, (step) => later.push(text(step))), 'done');
  assert.equal(later, TOLD);
});

test('what was stopped is not told to its end', () => {
  const control = new AbortController();
  const told: string[] = [];
  const stop = (step: Step) => {
    told.push(text(step));
    if (told.length === 2) control.abort(new Error('enough'));
  };
  assert.throws(() => finished(job(), control.signal, stop), /enough/);
  assert.equal(told, TOLD.slice(0, 2));
});

test.run();
