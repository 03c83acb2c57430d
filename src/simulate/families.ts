/**
 * What the shop sells, as tables a person can read. A family is a kind of main product (a model) with parts of its
 * own; staples (staples.ts) fit the models of several families. Strengths are probabilities that a purchase
 * of the source makes its owner buy the target later; delays are mean days.
 */

/** Why one product leads to another. `complement` goes both ways; `substitute` is looked at, never a cause. */
export type TruthKind = 'accessory' | 'generic' | 'consumable' | 'complement' | 'substitute';

/** "Who buys this buys one of `to` with probability `strength`, `delay` days later on average". */
export interface LeadRule {
  /** A part of the same model, or a staple. */
  to: string;
  strength: number;
  kind: TruthKind;
  /** mean days of the exponential delay, which is cut off `delayLimit` days on */
  delay: number;
}

export interface Part {
  /** What rules refer to, and the category of the products: 'phone case'. */
  category: string;
  /** What names are made of: 'Orbit X2 case, leather'. */
  noun: string;
  /** One product each, most popular first; without variants a single product. */
  variants?: readonly string[];
  price: readonly [low: number, high: number];
  /** Probability that the same product is bought again, 30 days later or more. */
  again?: number;
  leads?: readonly LeadRule[];
}

export interface Family {
  category: string;
  /** Share of the products that belong to models of this family. */
  share: number;
  /** How often customers shop here, relative to the other families. */
  demand: number;
  brands: readonly string[];
  series: readonly string[];
  price: readonly [low: number, high: number];
  leads: readonly LeadRule[];
  parts: readonly Part[];
}

const lead = (kind: TruthKind, to: string, strength: number, delay: number): LeadRule => ({
  to,
  strength,
  kind,
  delay,
});
const accessory = (to: string, strength: number, delay = 6) => lead('accessory', to, strength, delay);
const consumable = (to: string, strength: number, delay = 15) => lead('consumable', to, strength, delay);
export const generic = (to: string, strength: number, delay = 10) => lead('generic', to, strength, delay);
const complement = (to: string, strength: number, delay = 10) => lead('complement', to, strength, delay);

export const families: readonly Family[] = [
  {
    category: 'phone',
    share: 0.36,
    demand: 0.34,
    brands: ['Orbit', 'Kestrel', 'Lumo', 'Pique', 'Vanta', 'Solano'],
    series: ['X', 'S', 'Neo ', 'Mini '],
    price: [149, 1199],
    leads: [
      accessory('phone case', 0.75, 5),
      accessory('phone glass', 0.45, 6),
      generic('charger', 0.2),
      generic('power bank', 0.12, 20),
      generic('earbuds', 0.12, 20),
    ],
    parts: [
      {
        category: 'phone case',
        noun: 'case',
        variants: ['clear', 'leather', 'rugged'],
        price: [9, 49],
        again: 0.12,
      },
      { category: 'phone glass', noun: 'screen glass', price: [6, 19], again: 0.15 },
    ],
  },
  {
    category: 'laptop',
    share: 0.13,
    demand: 0.12,
    brands: ['Tarn', 'Fjell', 'Oberon', 'Kestrel'],
    series: ['Air ', 'Pro ', 'Flex '],
    price: [399, 2299],
    leads: [
      accessory('laptop sleeve', 0.5, 6),
      accessory('laptop dock', 0.35, 12),
      accessory('laptop adapter', 0.2, 25),
      generic('mouse', 0.35),
      generic('USB hub', 0.2),
    ],
    parts: [
      { category: 'laptop sleeve', noun: 'sleeve', price: [15, 59] },
      { category: 'laptop dock', noun: 'dock', price: [79, 229] },
      { category: 'laptop adapter', noun: 'power adapter', price: [29, 89] },
    ],
  },
  {
    category: 'camera',
    share: 0.11,
    demand: 0.1,
    brands: ['Lumen', 'Argus', 'Helio', 'Nordlys'],
    series: ['A', 'D', 'M'],
    price: [299, 2499],
    leads: [
      accessory('camera lens', 0.55, 20),
      accessory('camera battery', 0.4, 8),
      generic('memory card', 0.55, 4),
      generic('tripod', 0.25, 15),
    ],
    parts: [
      {
        category: 'camera lens',
        noun: 'lens',
        variants: ['35 mm', 'zoom'],
        price: [149, 899],
      },
      { category: 'camera battery', noun: 'battery', price: [19, 69] },
    ],
  },
  {
    category: 'console',
    share: 0.11,
    demand: 0.12,
    brands: ['Quasar', 'Arcadia', 'Pixelon'],
    series: ['One ', 'Go ', 'Max '],
    price: [199, 599],
    leads: [
      accessory('game', 0.85, 7),
      accessory('controller', 0.4, 12),
      generic('headset', 0.22),
      generic('HDMI cable', 0.15, 4),
    ],
    parts: [
      {
        category: 'game',
        noun: 'game',
        variants: ['racing', 'adventure', 'football'],
        price: [19, 69],
      },
      { category: 'controller', noun: 'controller', price: [39, 79], leads: [generic('batteries', 0.45, 8)] },
    ],
  },
  {
    category: 'printer',
    share: 0.09,
    demand: 0.1,
    brands: ['Inkwell', 'Papyro', 'Fjell'],
    series: ['P', 'Jet ', 'Studio '],
    price: [59, 399],
    leads: [
      consumable('black ink', 0.65, 20),
      consumable('colour ink', 0.4, 20),
      generic('paper', 0.35),
      generic('USB cable', 0.15, 4),
    ],
    parts: [
      {
        category: 'black ink',
        noun: 'black ink',
        price: [12, 35],
        again: 0.4,
        leads: [generic('paper', 0.25)],
      },
      {
        category: 'colour ink',
        noun: 'colour ink',
        price: [18, 49],
        again: 0.3,
        leads: [complement('photo paper', 0.35)],
      },
      {
        category: 'photo paper',
        noun: 'photo paper',
        price: [8, 25],
        again: 0.15,
        leads: [complement('colour ink', 0.35)],
      },
    ],
  },
  {
    category: 'coffee machine',
    share: 0.08,
    demand: 0.1,
    brands: ['Brava', 'Cremona', 'Alba'],
    series: ['C', 'Duo ', 'Piccolo '],
    price: [79, 699],
    leads: [consumable('capsules', 0.85, 5), consumable('descaler', 0.35, 30), generic('wipes', 0.12)],
    parts: [
      {
        category: 'capsules',
        noun: 'capsules',
        variants: ['espresso', 'lungo'],
        price: [5, 29],
        again: 0.45,
        leads: [consumable('descaler', 0.12, 25)],
      },
      { category: 'descaler', noun: 'descaler', price: [6, 15], again: 0.15 },
    ],
  },
  {
    category: 'toothbrush',
    share: 0.05,
    demand: 0.06,
    brands: ['Sonora', 'Dentro', 'Alba'],
    series: ['T', 'Soft '],
    price: [29, 199],
    leads: [consumable('brush heads', 0.7, 25), generic('batteries', 0.25, 15)],
    parts: [
      {
        category: 'brush heads',
        noun: 'brush heads',
        variants: ['soft', 'medium'],
        price: [8, 29],
        again: 0.35,
      },
    ],
  },
  {
    category: 'television',
    share: 0.07,
    demand: 0.06,
    brands: ['Vista', 'Helio', 'Nordlys'],
    series: ['Q', 'U'],
    price: [249, 1999],
    leads: [
      accessory('wall mount', 0.45, 6),
      accessory('remote', 0.2, 30),
      generic('HDMI cable', 0.4, 4),
      generic('wipes', 0.2),
    ],
    parts: [
      { category: 'wall mount', noun: 'wall mount', price: [19, 89] },
      { category: 'remote', noun: 'remote', price: [12, 29], leads: [generic('batteries', 0.45, 8)] },
    ],
  },
];

/** Last day on which a purchase is still owed to its cause, counted from the first possible one. */
export const delayLimit = 60;
/** Days before the same product is bought again. */
export const againAfter = 30;
