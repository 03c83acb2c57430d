import type { NodeFeatures } from './features.ts';
import type { EncoderOptions } from './options.ts';

export const usesFeatures = (o: EncoderOptions) => o.input === 'features' || o.input === 'features+learned';
export const hasTable = (o: EncoderOptions) => o.input !== 'features';

/** Messages that a layer mixes, see `layer.ts`. */
const HOP_COUNT = 8;

/** What an encoder is built for. */
export interface EncoderShape {
  readonly nodeCount: number;
  /** Most rows each stage will have: the input's, then each layer's. */
  readonly capacity: readonly number[];
  readonly features?: NodeFeatures;
  readonly coView: boolean;
}

/** Dense parameters by name; tables of learned rows are the input's own. */
export function parameterShapes(options: EncoderOptions, shape: EncoderShape): Record<string, number[]> {
  const { dim, layers } = options;
  const shapes: Record<string, number[]> = { logTemperature: [1] };
  if (options.bias) shapes.bias = [shape.nodeCount];
  if (usesFeatures(options)) {
    if (!shape.features) throw new TypeError(`input ${options.input} needs features`);
    shapes.projection = [shape.features.columns, dim];
  }
  if (options.roleMaps) {
    shapes.mapS = [dim, dim];
    shapes.mapT = [dim, dim];
  }
  for (let i = 0; i < layers; i++) {
    shapes[`hops${i}`] = [HOP_COUNT];
    if (options.transform) shapes[`weight${i}`] = [dim, dim];
  }
  return shapes;
}
