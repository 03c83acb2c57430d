import { type Family, families } from './families.ts';
import { type Staple, staples, sundries } from './staples.ts';

/** How many products of each sort make up a shop; adds up to exactly `products`. */
export interface Sizes {
  /** models of each family */
  readonly models: number[];
  /** products of each staple */
  readonly staples: number[];
  readonly sundries: number;
}

const STAPLE_SHARE = 0.13;
const SUNDRY_SHARE = 0.08;

/** Products of one model of a family: itself and the variants of its parts. */
const bundle = (family: Family): number =>
  family.parts.reduce((sum, part) => sum + (part.variants?.length ?? 1), 1);

/** The least shop: one model of each family, one product of each staple, and a sundry. */
export const fewestProducts = families.reduce((sum, family) => sum + bundle(family), 0) + staples.length + 1;

export function sizesFor(products: number): Sizes {
  const ofStaple = staples.map(() => Math.max(1, Math.floor((STAPLE_SHARE * products) / staples.length)));
  const models = families.map(() => 1);
  const forModels =
    products - ofStaple.reduce((a, b) => a + b, 0) - Math.max(1, Math.floor(SUNDRY_SHARE * products));
  let left = forModels - families.reduce((sum, family) => sum + bundle(family), 0);
  // One model at a time for the family furthest below its share, so that a larger shop contains a smaller one.
  for (;;) {
    let poorest = -1;
    let worst = Infinity;
    for (let f = 0; f < families.length; f++) {
      const filled = (models[f] * bundle(families[f])) / families[f].share;
      if (filled < worst && bundle(families[f]) <= left) {
        worst = filled;
        poorest = f;
      }
    }
    if (poorest < 0) break;
    models[poorest]++;
    left -= bundle(families[poorest]);
  }
  const used =
    models.reduce((sum, n, f) => sum + n * bundle(families[f]), 0) + ofStaple.reduce((a, b) => a + b, 0);
  return { models, staples: ofStaple, sundries: products - used };
}

export interface ModelName {
  name: string;
  /** position in the family's brands */
  brand: number;
}

/** Model i of a family: 'Orbit X2'. Numbers rise when brands and series are used up, so names never repeat. */
export function modelName(family: Family, i: number): ModelName {
  const { brands, series } = family;
  const brand = i % brands.length;
  const round = Math.floor(i / brands.length);
  const line = (round + brand) % series.length;
  const number = 1 + Math.floor(round / series.length) + ((brand + 2 * line) % 4);
  return { name: `${brands[brand]} ${series[line]}${number}`, brand };
}

/** Product i of a staple: 'Volt charger, 20 W'. */
export function stapleName({ brands, noun, variants }: Staple, i: number): { name: string; brand: string } {
  const brand = brands[i % brands.length];
  const round = Math.floor(i / brands.length);
  const edition = Math.floor(round / variants.length);
  const variant = variants[(round + (i % brands.length)) % variants.length];
  return { name: `${brand} ${noun}, ${variant}${edition > 0 ? `, edition ${edition + 1}` : ''}`, brand };
}

/** Sundry i: 'Hearth desk lamp, green'. */
export function sundryName(i: number): { name: string; brand: string; category: string } {
  const { brands, nouns, colours } = sundries;
  const [noun, category] = nouns[i % nouns.length];
  const round = Math.floor(i / nouns.length);
  const brand = brands[(i + round) % brands.length];
  const lap = Math.floor(round / brands.length);
  const colour = colours[((i % nouns.length) + lap) % colours.length];
  const edition = Math.floor(lap / colours.length);
  return {
    name: `${brand} ${noun}, ${colour}${edition > 0 ? `, edition ${edition + 1}` : ''}`,
    brand,
    category,
  };
}

/** 'Orbit X2 case, leather' -> 'orbit-x2-case-leather'. */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .match(/[a-z0-9]+/g)!
    .join('-');
