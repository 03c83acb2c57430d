import type { Items } from './catalogue.ts';

/** Sparse features of products: entry i says that product `node[i]` has feature `feature[i]` with `value[i]`. */
export interface ItemFeatures {
  node: Int32Array;
  feature: Int32Array;
  /** 1 throughout */
  value: Float32Array;
  /** 'category:phone case', 'brand:Orbit', 'word:leather' */
  featureNames: string[];
}

/** The category, the brand and the words of the name of every product, in that order, each once. */
export function itemFeatures({ name, category, brand }: Items): ItemFeatures {
  const node: number[] = [];
  const feature: number[] = [];
  const codes = new Map<string, number>();
  for (let i = 0; i < name.length; i++) {
    const words = name[i].toLowerCase().match(/[a-z0-9]+/g) ?? [];
    const names = [`category:${category[i]}`, `brand:${brand[i]}`, ...words.map((word) => `word:${word}`)];
    for (const own of new Set(names)) {
      if (!codes.has(own)) codes.set(own, codes.size);
      node.push(i);
      feature.push(codes.get(own)!);
    }
  }
  return {
    node: Int32Array.from(node),
    feature: Int32Array.from(feature),
    value: new Float32Array(node.length).fill(1),
    featureNames: [...codes.keys()],
  };
}
