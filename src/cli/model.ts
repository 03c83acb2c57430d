import { DataError } from '../check.ts';
import { decodeModel, type RelatedProducts } from '../index.ts';
import { readBytes } from './files.ts';

/**
 * A model of a file. DataError `not-a-model` for a file that does not begin as a model does, `damaged-model` for one
 * that does and is broken further on.
 */
export async function readModel(path: string): Promise<RelatedProducts> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new DataError('the file is empty', { code: 'empty-file', file: path });
  return decodeModel(bytes, path);
}

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
