import { notAborted } from '../../check.ts';
import type { Progress } from '../fit.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Recommendation } from './answer.ts';
import type { RecommendOptions } from './options.ts';

export interface RecommendAllOptions extends RecommendOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** All answers for one item of `recommendAll`. */
export interface ItemAnswers {
  node: number;
  id: string;
  recommendations: Recommendation[];
}

/** Items ranked at once, fewer where each has many answers: the answers held stay below `HELD`. */
const ROWS = 256;
const HELD = 200_000;

/** The answers of `recommend` for every item of a graph, a batch at a time; the event loop gets a turn every 40 ms. */
export async function* recommendAll(
  graph: DirectedGraph,
  k: number,
  recommend: (nodes: Uint32Array) => Recommendation[][],
  { signal, onProgress }: Pick<RecommendAllOptions, 'signal' | 'onProgress'>,
): AsyncGenerator<ItemAnswers, void, undefined> {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError('onProgress must be a function');
  }
  const n = graph.nodeCount;
  const rows = Math.max(1, Math.min(ROWS, Math.floor(HELD / k)));
  const start = performance.now();
  let breath = start;
  for (let from = 0; from < n; from += rows) {
    notAborted(signal);
    const nodes = Uint32Array.from({ length: Math.min(rows, n - from) }, (_, i) => from + i);
    const answers = recommend(nodes);
    for (let i = 0; i < answers.length; i++) {
      yield { node: from + i, id: graph.idOf(from + i), recommendations: answers[i] };
    }
    const now = performance.now();
    const step = from + nodes.length;
    const elapsedMs = now - start;
    onProgress?.({ phase: 'recommend', step, total: n, elapsedMs, etaMs: (elapsedMs / step) * (n - step) });
    if (now - breath > 40) {
      await new Promise((resolve) => setTimeout(resolve));
      breath = performance.now();
    }
  }
}
