/**
 * Quality and seconds of the embedding on the real sets:
 *   node --import tsx bench/rooms/embedding.ts [set ...] [--seeds 1,2,3] [--no-features] [--fit JSON]
 * Prints HR@10 / MRR@10 on the test edges (filter train), seconds to the best validation look, and predicted edges/s.
 */
import { parseArgs } from 'node:util';
import { rankPairs } from '../../src/directed-graph/ranking.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { Engine } from '../../src/engine/engine.ts';
import { loadGraph } from './data.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    'no-features': { type: 'boolean', default: false },
    fit: { type: 'string', default: '{}' },
  },
});
const all = ['cora-ml', 'wikispeedia', 'amazon-cellphones', 'online-retail'];
const fit = JSON.parse(values.fit);
/** Features carry only text; brand and category rows of the phones set say little beyond its edges. */
const withText = ['cora-ml', 'wikispeedia'];

for (const set of positionals.length > 0 ? positionals : all) {
  const room = loadGraph(set);
  if (!room) {
    console.log(`${set}: skipped, not on this machine`);
    continue;
  }
  const { train, validation, test } = room.split;
  const useFeatures = !values['no-features'] && withText.includes(set);
  const rows: number[][] = [];
  for (const seed of values.seeds.split(',').map(Number)) {
    const engine = await Engine.create();
    let bestAt = 0;
    let bestStep = 0;
    let best = -1;
    const model = await RelatedProducts.fit(train, {
      ranker: false,
      engine,
      features: useFeatures ? room.features : undefined,
      validation,
      seed,
      ...fit,
      onProgress: ({ look, step, elapsedMs }) => {
        if (look?.step !== step) return;
        const score = look['hitRate@10'] + look['mrr@10'];
        if (score > best) {
          best = score;
          bestAt = elapsedMs / 1000;
          bestStep = step;
        }
      },
    });
    const peak = engine.stats().peakBytes / 2 ** 20;
    model.attach(engine);
    const ranks = rankPairs(engine, model.scorer, train.nodeCount, test, train.out);
    const hit = ranks.filter((r) => r <= 10);
    const rare = ranks.filter((_, i) => train.inDegree(test.target[i]) <= 5);
    const share = hit.length / ranks.length;
    const mrr = hit.reduce((sum, r) => sum + 1 / r, 0) / ranks.length;
    const rareShare = rare.filter((r) => r <= 10).length / rare.length;
    rows.push([share, mrr, rareShare]);
    const predicted = Math.min(4096, train.edgeCount * model.card.encoder.mask) * bestStep;
    console.log(
      `${set} seed ${seed} ${model.card.mode} HR@10 ${share.toFixed(4)} MRR@10 ${mrr.toFixed(4)} rare ${rareShare.toFixed(3)}` +
        ` best step ${bestStep} at ${bestAt.toFixed(1)} s, ${(predicted / bestAt).toFixed(0)} edges/s,` +
        ` arena ${peak.toFixed(0)} MiB, hash ${(await model.modelHash()).slice(0, 12)}`,
    );
    engine.dispose();
  }
  const mean = (i: number) => (rows.reduce((sum, r) => sum + r[i], 0) / rows.length).toFixed(4);
  console.log(`${set} mean HR@10 ${mean(0)} MRR@10 ${mean(1)} rare ${mean(2)}`);
}
