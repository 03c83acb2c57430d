import type { Engine } from '../engine/engine.ts';
import { cumulated, Draws, STREAM } from './draws.ts';
import { againAfter, families, type LeadRule, type Part, type TruthKind } from './families.ts';
import { modelName, sizesFor, slug, stapleName, sundryName } from './names.ts';
import { type Staple, staples, sundries } from './staples.ts';
import { makeTruth, type Truth } from './truth.ts';

/** Products by code: 0 .. id.length - 1. */
export interface Items {
  /** 'orbit-x2-case-leather' */
  id: string[];
  /** 'Orbit X2 case, leather': distinct, as are the ids */
  name: string[];
  category: string[];
  brand: string[];
  price: Float64Array;
}

/** With probability `strength` one of `targets` follows, `after` days or more later, `delay` days more on average. */
export interface Lead {
  kind: TruthKind | 'again';
  strength: number;
  delay: number;
  after: number;
  targets: number[];
  /** running totals of the targets' shares */
  shares: Float64Array;
}

/** The models of a family. */
export interface Models {
  /** their products */
  item: number[];
  /** of each, the position in the family's list of brands */
  brand: number[];
  /** running totals of popularity, in the order of `item` */
  popularity: Float64Array;
}

export interface Catalogue {
  readonly items: Items;
  readonly truth: Truth;
  readonly models: Models[];
  /** Of each product, what its purchase may cause. */
  readonly leads: Lead[][];
  /** Running totals of the popularity behind purchases without a reason. */
  readonly background: Float64Array;
  /** Of each product in [0, 1): when it comes to the shop, where the option `drift` makes it come later. */
  readonly launch: Float64Array;
  /** Of each product, whether it is a model: bought once a customer. */
  readonly isModel: Uint8Array;
}

/** Exponents of the power laws of popularity among the models of a family and among a staple's products. */
const MODEL_POWER = 0.5;
const STAPLE_POWER = 0.8;
/** Shares of the variants of a part; a part has at most three. */
const VARIANT_SHARES = [5, 3, 2];
/** Mean days, after the first 30, before the same product is bought again. */
const AGAIN_DELAY = 40;
/** A product is compatible with this many products of a staple. */
const COMPATIBLE = 2;
/** Demand without a reason, as a multiple of a staple's product of average demand. */
const BACKGROUND = { sundry: 0.3, part: 0.02, model: 0.01 };

/** `products` products, their relations and their popularity; the names are the same for every seed. */
export function makeCatalogue(engine: Engine, products: number, seed: number): Catalogue {
  return engine.scope((scope) => {
    const draws = new Draws(engine, scope, seed).seek(STREAM.catalogue, 0);
    return new Builder(engine, draws).build(products);
  });
}

/** Adds products in the order of their codes, model by model, then staples, then sundries. */
class Builder {
  readonly #engine: Engine;
  readonly #draws: Draws;
  readonly #items = {
    id: [] as string[],
    name: [] as string[],
    category: [] as string[],
    brand: [] as string[],
  };
  readonly #price: number[] = [];
  readonly #background: number[] = [];
  readonly #isModel: number[] = [];
  readonly #leads: Lead[][] = [];
  /** Groups whose members replace each other, similar ones side by side. */
  readonly #alternatives: number[][] = [];
  /** Codes and popularity of each staple's products; known before any model, because models lead to them. */
  readonly #stock = new Map<string, { codes: number[]; weights: number[] }>();

  constructor(engine: Engine, draws: Draws) {
    this.#engine = engine;
    this.#draws = draws;
  }

  build(products: number): Catalogue {
    const sizes = sizesFor(products);
    let code = products - sizes.sundries - sizes.staples.reduce((a, b) => a + b, 0);
    staples.forEach(({ category, demand }, s) => {
      const codes = Array.from({ length: sizes.staples[s] }, () => code++);
      const weights = this.#powerLaw(codes.length, STAPLE_POWER).map((w) => demand * w);
      this.#stock.set(category, { codes, weights });
    });
    const models = families.map((_, f) => this.#addFamily(f, sizes.models[f]));
    for (const staple of staples) this.#addStaple(staple);
    const share = this.#powerLaw(sizes.sundries, STAPLE_POWER);
    for (let i = 0; i < sizes.sundries; i++) {
      const { name, brand, category } = sundryName(i);
      this.#add(name, category, brand, this.#priceIn(sundries.price), BACKGROUND.sundry * share[i]);
    }
    return {
      items: { ...this.#items, price: Float64Array.from(this.#price) },
      truth: makeTruth(this.#leads, this.#alternatives),
      models,
      leads: this.#leads,
      background: cumulated(this.#background),
      launch: Float64Array.from(this.#price, () => this.#draws.next()),
      isModel: Uint8Array.from(this.#isModel),
    };
  }

  #addFamily(f: number, count: number): Models {
    const family = families[f];
    const popularity = this.#powerLaw(count, MODEL_POWER);
    const item: number[] = [];
    const brands: number[] = [];
    for (let m = 0; m < count; m++) {
      const { name, brand } = modelName(family, m);
      const maker = family.brands[brand];
      const price = this.#priceIn(family.price);
      const background = BACKGROUND.model * popularity[m];
      const model = this.#add(`${name} ${family.category}`, family.category, maker, price, background, 1);
      const own = new Map<string, number[]>();
      for (const part of family.parts)
        own.set(part.category, this.#addPart(part, name, maker, popularity[m]));
      for (const rule of family.leads) this.#lead(model, rule, own);
      for (const part of family.parts) {
        for (const source of own.get(part.category)!) this.#leadOn(source, part, own);
      }
      item.push(model);
      brands.push(brand);
    }
    this.#alternatives.push(item.slice().sort((a, b) => this.#price[a] - this.#price[b] || a - b));
    return { item, brand: brands, popularity: cumulated(popularity) };
  }

  /** The variants of a part of a model, at one price. */
  #addPart(part: Part, model: string, brand: string, popularity: number): number[] {
    const price = this.#priceIn(part.price);
    const codes = (part.variants ?? ['']).map((variant) => {
      const name = `${model} ${part.noun}${variant && `, ${variant}`}`;
      return this.#add(name, part.category, brand, price, BACKGROUND.part * popularity);
    });
    this.#alternatives.push(codes);
    return codes;
  }

  #addStaple(staple: Staple): void {
    const { codes, weights } = this.#stock.get(staple.category)!;
    codes.forEach((code, i) => {
      const { name, brand } = stapleName(staple, i);
      this.#add(name, staple.category, brand, this.#priceIn(staple.price), weights[i]);
      this.#leadOn(code, staple, new Map());
    });
    this.#alternatives.push(codes);
  }

  #add(
    name: string,
    category: string,
    brand: string,
    price: number,
    background: number,
    isModel = 0,
  ): number {
    const code = this.#price.push(price) - 1;
    this.#items.id.push(slug(name));
    this.#items.name.push(name);
    this.#items.category.push(category);
    this.#items.brand.push(brand);
    this.#background.push(background);
    this.#isModel.push(isModel);
    this.#leads.push([]);
    return code;
  }

  /** What a part or a staple leads to, and itself again. */
  #leadOn(source: number, { leads = [], again }: Part | Staple, own: Map<string, number[]>): void {
    for (const rule of leads) this.#lead(source, rule, own);
    if (!again) return;
    const shares = Float64Array.of(1);
    this.#leads[source].push({
      kind: 'again',
      strength: again,
      delay: AGAIN_DELAY,
      after: againAfter,
      targets: [source],
      shares,
    });
  }

  /** To all variants of an own part by their shares, or to a few products of a staple by their popularity. */
  #lead(source: number, { to, kind, strength, delay }: LeadRule, own: Map<string, number[]>): void {
    let targets = own.get(to)!;
    let weights: number[] = VARIANT_SHARES.slice(0, targets?.length);
    if (!targets) {
      const stock = this.#stock.get(to)!;
      // Stepping from a random place keeps the chosen apart; popular products are not chosen more often, only taken.
      const count = stock.codes.length;
      const from = Math.floor(this.#draws.next() * count);
      const chosen = Array.from({ length: Math.min(COMPATIBLE, count) }, (_, i) => (from + i) % count);
      targets = chosen.map((i) => stock.codes[i]);
      weights = chosen.map((i) => stock.weights[i]);
    }
    this.#leads[source].push({ kind, strength, delay, after: 1, targets, shares: cumulated(weights) });
  }

  /** Weights 1, 1/2^power, 1/3^power .. in random order, scaled to a mean of 1. */
  #powerLaw(count: number, power: number): number[] {
    const weights: number[] = [];
    let total = 0;
    for (let i = 0; i < count; i++) {
      weights.push(this.#engine.kernels.expF64(-power * this.#engine.kernels.logF64(i + 1)));
      total += weights[i];
    }
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(this.#draws.next() * (i + 1));
      [weights[i], weights[j]] = [weights[j], weights[i]];
    }
    return weights.map((w) => (w * count) / total);
  }

  #priceIn([low, high]: readonly [number, number]): number {
    return Math.floor(low + (high - low) * this.#draws.next()) + 0.99;
  }
}
