import * as assert from 'uvu/assert';
import type { Recommendation, RecommendOptions } from '../../src/directed-graph/recommender.ts';

/**
 * That answers keep what the options ask for, in any shop: masks as lists of nodes, cap, k, score, order, distinct, and
 * explanations whose shares add up to 1 and whose contributions to the score, to `tolerance` of its size.
 */
export function keepsOptions(
  asked: number | readonly number[],
  o: RecommendOptions,
  answers: readonly Recommendation[],
  categories: readonly string[],
  tolerance: number,
): void {
  const own = [asked].flat();
  const counts = new Map<string, number>();
  assert.ok(answers.length <= (o.k ?? 10));
  assert.is(new Set(answers.map(({ node }) => node)).size, answers.length);
  for (const { node, known, score, source, reason, explanation } of answers) {
    assert.not.ok(own.includes(node));
    assert.not.ok(((o.exclude as number[]) ?? []).includes(node));
    if (o.allow) assert.ok((o.allow as number[]).includes(node));
    if (o.inStock) assert.ok((o.inStock as number[]).includes(node));
    if (o.excludeKnown) assert.not.ok(known);
    if (source === 'model' && o.minScore !== undefined) assert.ok(score >= o.minScore);
    assert.ok(reason.length > 0);
    counts.set(categories[node], (counts.get(categories[node]) ?? 0) + 1);
    if (o.explain === undefined) {
      assert.is(explanation, undefined);
      continue;
    }
    const shares = explanation!.reduce((sum, { share }) => sum + share, 0);
    const parts = explanation!.reduce((sum, { contribution }) => sum + contribution, 0);
    assert.ok(Math.abs(shares - 1) < 1e-6, `shares add up to ${shares}`);
    assert.ok(
      Math.abs(parts - score) < tolerance * (1 + Math.abs(score)),
      `${parts} of ${score} (${source})`,
    );
  }
  for (const count of counts.values()) assert.ok(count <= (o.maxPerCategory ?? Infinity));
  if (!o.diversity && answers.every(({ source }) => source === 'model')) {
    assert.ok(answers.every(({ score }, i) => i === 0 || score <= answers[i - 1].score));
  }
}
