import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { build, type Rolldown } from 'vite';
import { programOf } from '../bench/bundles.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test.before(() => {
  assert.ok(existsSync(join(root, 'dist/index.js')), 'the package is not built: npm run build');
});

/** A program over a built entry as Vite makes a worker of it: one classic script, with what is imported on demand inside. */
async function oneFile(entry: string, work: string): Promise<string> {
  const names = new Set([...work.matchAll(/\broom\.(\w+)/g)].map(([, name]) => name));
  const from = JSON.stringify(join(root, `dist/${entry}.js`));
  const code = `import { ${[...names].join(', ')} } from ${from};
    globalThis.work = async () => {${work.replaceAll('room.', '')}};`;
  const { output } = (await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [programOf(code)],
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: 'program', output: { format: 'iife', codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput;
  // Beside it stands the script of a thread.
  const chunks = output.filter((file) => file.type === 'chunk');
  assert.is(chunks.length, 1);
  return chunks[0].code;
}

const WORK: Record<string, string> = {
  'directed-graph': `
    const graph = room.DirectedGraph.fromEdges([0, 0, 1, 2], [1, 2, 3, 3]);
    const engine = await room.Engine.create();
    const model = await room.RelatedProducts.fit(graph, { engine, seed: 1, training: { steps: 5 } });
    const back = await room.decodeModel(await room.encodeModel(model));
    return (await back.modelHash()) === (await model.modelHash());`,
  'delayed-feedback': `
    const time = Float64Array.from({ length: 400 }, (_, i) => i / 10);
    const conversion = time.map((t, i) => (i % 3 === 0 ? t + 1 + (i % 5) : NaN));
    const features = { rows: 400, columns: [room.numericColumn('x', time.map((_, i) => i % 3))] };
    const log = new room.ConversionLog({ time, conversion, features }, { window: 7 });
    const model = await room.DelayedFeedbackClassifier.fit(await room.Engine.create(), log, { bits: 6, epochs: 1 });
    return model.predict(features).every((p) => p > 0 && p < 1);`,
  uncertainty: `
    const score = Float32Array.from({ length: 400 }, (_, i) => (i % 100) / 100);
    const holdout = { score, label: score.map((s, i) => Number(s * 10 > i % 7)) };
    const { policy } = await room.fitBoundary(await room.Engine.create(), holdout, { precision: .8, method: 'single' });
    return room.ThresholdPolicy.fromJSON(JSON.parse(JSON.stringify(policy))).decide(1) === 'positive';`,
};

for (const [entry, work] of [...Object.entries(WORK), ['index', WORK['directed-graph']]]) {
  test(`in a worker's single file: ${entry}`, async () => {
    runInThisContext(await oneFile(entry, work));
    assert.is(await (globalThis as unknown as { work(): Promise<unknown> }).work(), true);
  });
}

test.run();
