import type { Engine } from '../../engine/engine.ts';
import { gather } from '../aggregate.ts';
import { idfUnitRows, type NodeFeatures } from '../features.ts';
import type { Scorer } from '../scorer.ts';
import { release, rowsFromColumns, upload } from './adjacency.ts';

/** Cosine of the nodes' own features, weighted by inverse document frequency. It has no direction. */
export function contentCosine(engine: Engine, features: NodeFeatures): Scorer {
  const { rows: n, columns, csr } = idfUnitRows(engine, features);
  const matrix = upload(engine, csr);
  return {
    name: 'contentCosine',
    score(queries, scores) {
      const d = queries.length;
      engine.scope(({ alloc }) => {
        const words = alloc('f32', columns * d);
        const cosine = alloc('f32', n * d);
        const w = words.array;
        queries.forEach((u, q) => {
          for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) w[csr.indices[e] * d + q] = csr.weights[e];
        });
        gather(engine, cosine, matrix, words, d);
        rowsFromColumns(engine, scores, cosine, n, d);
      });
    },
    dispose() {
      release(engine, matrix);
    },
  };
}
