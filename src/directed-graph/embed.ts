import type { Slice } from '../engine/arena.ts';
import { rowNormalize } from '../nn/normalize.ts';
import type { Embedding } from './embedding-scorer.ts';
import type { DualEncoder } from './encoder.ts';
import { Layer, type Roles } from './layer.ts';
import { fullPropagation, type Messages } from './propagation.ts';

/**
 * Dual vectors of every node over every neighbour, nothing masked or dropped. An encoder built for sampled batches
 * has no room for that, so its layers run here one at a time at full width: memory is that of one layer.
 */
export function embed(encoder: DualEncoder, messages: Messages): Embedding {
  const { engine, options } = encoder;
  const n = messages.main.nodeCount;
  const d = options.dim;
  messages.main.unmask();
  const at = fullPropagation(messages, options.layers);
  const whole = encoder.shape.capacity.every((rows) => rows >= n);
  const { scale } = encoder;
  const finish = ({ s, t }: Roles): Embedding => ({
    nodeCount: n,
    dim: d,
    source: s.array.slice(0, n * d).map((x) => x * scale),
    target: t.array.slice(0, n * d),
    bias: options.bias ? encoder.parameters.get('bias').value.copy() : undefined,
  });
  if (whole) return finish(encoder.forward(at));

  return engine.scope((scope) => {
    const matrix = (): Slice<'f32'> => scope.alloc('f32', n * d);
    const state = { s: matrix(), t: matrix() };
    const chunk = encoder.shape.capacity[0];
    for (let start = 0; start < n; start += chunk) {
      const count = Math.min(chunk, n - start);
      const nodes = scope.alloc('u32', count);
      const ids = nodes.array;
      for (let i = 0; i < count; i++) ids[i] = start + i;
      const part = encoder.input.forward({ count, nodes }, undefined);
      for (const role of ['s', 't'] as const) {
        state[role].array.set(part[role].array.subarray(0, count * d), start * d);
      }
    }
    const scratch = { a: matrix(), b: matrix(), c: matrix(), e: matrix() };
    at.blocks.forEach((block, i) => {
      const coView = encoder.shape.coView;
      const layer = new Layer(engine, options, i, encoder.parameters, n, coView, scratch);
      const output = layer.forward(block, state);
      state.s.set(output.s.array);
      state.t.set(output.t.array);
      layer.dispose();
    });
    if (options.normalize !== 'none') {
      const inverse = scope.alloc('f32', n);
      for (const role of ['s', 't'] as const) rowNormalize(engine, state[role], inverse, state[role], n, d);
    }
    return finish(state);
  });
}
