import { DataError } from '../check.ts';
import type { RelatedProducts } from '../index.ts';

export { loadModel as readModel } from '../node.ts';

/** The node of an id given on the command line or in a file. */
export function nodeOf(
  model: RelatedProducts,
  id: string,
  place: { file?: string; line?: number; column?: string; of: string },
): number {
  const node = model.graph.findId(id);
  if (node >= 0) return node;
  const { of, ...rest } = place;
  throw new DataError(`no product has the id ${JSON.stringify(id)} in ${of}`, {
    code: 'unknown-id',
    ...rest,
  });
}
