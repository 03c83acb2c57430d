import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../src/directed-graph/graph.ts';
import { RelatedProducts } from '../src/directed-graph/recommender.ts';
import { loadModel, readEdges, readFeatures, readOrders, saveModel } from '../src/node.ts';
import { engine } from './helpers/kernel.ts';

const test = suite<{ folder: string; path: (name: string, content?: string) => string }>('node');
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'fletching-node-'));
  context.path = (name, content) => {
    const path = join(context.folder, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  };
});
test.after(({ folder }) => rmSync(folder, { recursive: true }));

/** The error of a promise that must fail. */
async function failure(work: Promise<unknown>): Promise<Error & { code?: string; line?: number }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  return assert.unreachable('it did not fail') as never;
}

test('order lines become a graph: columns by name, times in both forms, ids kept', async ({ path }) => {
  const lines = ['anna', 'ben', 'cleo'].flatMap((who) => [
    `${who},2025-03-01,r${who}1,"phone, red"`,
    `${who},2025-03-09,r${who}2,case`,
  ]);
  const file = path('orders.csv', `who,day,receipt,sku\n${lines.join('\n')}\n`);
  const columns = { customer: 'who', time: 'day', item: 'sku' };
  const orders = await readOrders(file, columns);
  assert.equal(orders.item, ['phone, red', 'case', 'phone, red', 'case', 'phone, red', 'case']);
  assert.is(orders.time[0], Date.UTC(2025, 2, 1) / 1000);
  assert.is(orders.order, undefined, 'an order that was not named is not read');
  const graph = DirectedGraph.fromOrders(orders, { minLift: 0 });
  assert.equal(graph.ids, ['case', 'phone, red']);
  assert.is(graph.edgeCount, 1);
  assert.ok(graph.hasEdge(graph.indexOf('phone, red'), graph.indexOf('case')));
  const named = await readOrders(file, { ...columns, order: 'receipt' });
  assert.is((named.order as string[])[1], 'ranna2');
  const byOrder = DirectedGraph.fromOrders(named, { window: 'order', minLift: 0 });
  assert.equal([...byOrder.out.indices], [...graph.out.indices]);
});

test('what is wrong with a file is told with its place, and unknown options are refused', async ({
  path,
}) => {
  const bad = path('bad.csv', 'customer,item,time\nanna,phone,2025-03-01\nanna,case,soon\n');
  const error = await failure(readOrders(bad));
  assert.match(error.message, /bad\.csv, line 3, column time: /);
  assert.is(error.line, 3);
  assert.is((await readOrders(bad, { maxBadRows: 1 })).item.length, 1);
  assert.is((await failure(readOrders(path('absent.csv')))).code, 'not-found');
  assert.match(
    (await failure(readOrders(bad, { columns: {} } as never))).message,
    /unknown option "columns"/,
  );
  assert.match((await failure(readOrders(bad, { item: 'sku' }))).message, /sku/);
});

test('edges and features share ids; features of other ids are left out', async ({ path }) => {
  const edges = path('edges.csv', 'source,target,weight\nphone,case,3\nphone,glass,1\n');
  const graph = await readEdges(edges);
  assert.equal(graph.ids, ['phone', 'case', 'glass']);
  assert.equal([...graph.out.weights!], [3, 1]);
  assert.is(graph.out.timestamps, undefined);
  assert.match(
    (await failure(readEdges(path('w.csv', 'source,target,weight\na,b,1e39\n')))).message,
    /line 2/,
  );
  const file = path('features.csv', 'node,feature,value\ncase,red,2\nunsold,red,1\nglass,clear,1\n');
  const features = await readFeatures(file, graph);
  assert.is(features.rows, 3);
  assert.equal([...features.csr.indptr], [0, 0, 1, 2]);
  assert.equal([...features.csr.weights], [2, 1]);
  const plain = await readFeatures(path('plain.csv', 'node,feature\ncase,red\n'), graph);
  assert.equal([...plain.csr.weights], [1]);
});

test('a model is saved, found again with the same answers, and a file that is none is refused', async ({
  folder,
  path,
}) => {
  const graph = DirectedGraph.fromEdges([0, 0, 1, 2, 3], [1, 2, 3, 3, 4], { ids: ['a', 'b', 'c', 'd', 'e'] });
  const model = await RelatedProducts.fit(graph, { engine, dim: 4, training: { steps: 4 } });
  await saveModel(path('m.safetensors'), model);
  assert.equal(
    readdirSync(folder).filter((name) => /safetensors|tmp/.test(name)),
    ['m.safetensors'],
  );
  const again = await loadModel(path('m.safetensors'));
  assert.is(await again.modelHash(), await model.modelHash());
  const answers = (m: RelatedProducts) => m.attach(engine).recommend('a');
  assert.equal(answers(again), answers(model));
  again.dispose();
  model.dispose();
  assert.is((await failure(loadModel(path('empty', '')))).code, 'empty-file');
  assert.is((await failure(loadModel(path('plain.csv', 'node,feature\ncase,red\n')))).code, 'not-a-model');
});

test.run();
