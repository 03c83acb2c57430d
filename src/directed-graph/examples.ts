import type { Batch } from './objective.ts';
import { fullPropagation, type Messages, type Reach, type SampledPropagation } from './propagation.ts';

/** What a step predicts, as nodes: edges (at most a batch), negatives and, with a second relation, also-viewed pairs. */
export interface Examples {
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  /** 1 where the reverse edge is absent. */
  readonly oneWay: Uint8Array;
  readonly negative: Uint32Array;
  readonly viewSource?: Uint32Array;
  readonly viewTarget?: Uint32Array;
}

/** The examples over the vectors of every node. */
export function wholeBatch(e: Examples, messages: Messages, layers: number): { batch: Batch; reach: Reach } {
  const batch = {
    positives: e.source.length,
    source: e.source,
    target: e.target,
    sourceNode: e.source,
    targetNode: e.target,
    negative: e.negative,
    negativeNode: e.negative,
    oneWay: e.oneWay,
    viewSource: e.viewSource,
    viewTarget: e.viewTarget,
  };
  return { batch, reach: { at: fullPropagation(messages, layers) } };
}

/** The same examples over the distinct nodes they name, and the sampled neighbourhoods of those; `place` is -1 a node. */
export function sampledBatch(
  e: Examples,
  sampled: SampledPropagation,
  step: number,
  place: Int32Array,
): { batch: Batch; reach: Reach } {
  const nodes: number[] = [];
  const local = (list: Uint32Array) =>
    list.map((node) => {
      if (place[node] < 0) place[node] = nodes.push(node) - 1;
      return place[node];
    });
  const batch = {
    positives: e.source.length,
    source: local(e.source),
    target: local(e.target),
    sourceNode: e.source,
    targetNode: e.target,
    negative: local(e.negative),
    negativeNode: e.negative,
    oneWay: e.oneWay,
  };
  for (const node of nodes) place[node] = -1;
  return { batch, reach: sampled.reach(Uint32Array.from(nodes), step) };
}
