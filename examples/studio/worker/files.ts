/** What can be taken away: the model, its answers, and what the report's page is made of. */

import { readOf, rejectedOf, trainingOf } from '../../../src/cli/report-card.ts';
import { surveyOf } from '../../../src/cli/report-survey.ts';
import { reciprocity } from '../../../src/directed-graph/evaluate.ts';
import { encodeModel, METHOD_WORDS } from '../../../src/index.ts';
import type { RelatedContent } from '../../../src/report/related/content.ts';
import { ask } from './answers.ts';
import { seldom } from './input.ts';
import type { Run } from './main.ts';
import { nameOf, trainedShop } from './shop.ts';

/** Products listed in the report, those with the most pairs. */
const LISTED = 300;
const SCORES = 'Scores of the answers for one product compare with each other; higher is better.';

/** The bytes of the model's safetensors file. */
export const modelFile = async (): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(await encodeModel(trainedShop().model));

/** The k best answers for every product as one JSON document. */
export async function answersText(k: number, { signal, tell }: Run): Promise<string> {
  const shop = trainedShop();
  const often = seldom(tell);
  const items: unknown[] = [];
  const onProgress = ({ step, total }: { step: number; total: number }) =>
    often({ stage: 'Asking for every product', step, total });
  for await (const { id, node, recommendations } of shop.model.recommendAll({ k, signal, onProgress })) {
    items.push({
      item: id,
      ...(shop.names ? { name: nameOf(shop, node) } : {}),
      recommendations: recommendations.map(({ id, node, score, known, source }) => ({
        id,
        ...(shop.names ? { name: nameOf(shop, node) } : {}),
        score,
        known,
        source,
      })),
    });
  }
  return `${JSON.stringify({ k, items }, null, 1)}\n`;
}

/** Everything the report's page shows; the page itself is made where there is a document. */
export async function report(_: undefined, { signal, tell }: Run): Promise<RelatedContent> {
  const shop = trainedShop();
  const { model, graph, read } = shop;
  const often = seldom(tell);
  const bar = {
    update: (stage: string, step: number, total: number) => often({ stage: `Report: ${stage}`, step, total }),
  };
  const survey = await surveyOf({ signal, bar } as Parameters<typeof surveyOf>[0], model);
  const degree = (v: number) => graph.outDegree(v) + graph.inDegree(v);
  const nodes = Uint32Array.from({ length: graph.nodeCount }, (_, v) => v);
  const listed = nodes.slice().sort((a, b) => degree(b) - degree(a) || a - b);
  const items: RelatedContent['items'][number][] = [];
  for (const [i, node] of listed.subarray(0, LISTED).entries()) {
    bar.update('explaining', i, Math.min(LISTED, graph.nodeCount));
    const answers = model.recommend(node, { k: 10 });
    const why = ask(node).answers;
    items.push({
      id: graph.idOf(node),
      name: shop.names?.[node],
      out: graph.outDegree(node),
      in: graph.inDegree(node),
      answers: answers.map(({ node, id, score, known }, i) => ({
        id,
        name: shop.names?.[node],
        score,
        known,
        why: why[i].why.map(({ text }) => text).join('; '),
      })),
    });
  }
  return {
    model: {
      file: 'model.safetensors',
      bytes: (await encodeModel(model)).length,
      hash: await model.modelHash(),
      card: model.card,
    },
    version: 'studio',
    data: {
      nodes: graph.nodeCount,
      edges: graph.edgeCount,
      outDegree: nodes.map((v) => graph.outDegree(v)),
      inDegree: nodes.map((v) => graph.inDegree(v)),
      reciprocal: reciprocity(graph),
      read: readOf(read),
      rejected: rejectedOf(read),
      notes: [],
    },
    training: trainingOf(model.card),
    survey,
    items,
    scores: SCORES,
    methodWords: METHOD_WORDS,
    commands: ['# trained in the studio with the settings below'],
  };
}
