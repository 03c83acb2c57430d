import { generic, type LeadRule } from './families.ts';

/** A product that fits many models, in several makes and sizes. Bought for no reason as well. */
export interface Staple {
  category: string;
  noun: string;
  brands: readonly string[];
  variants: readonly string[];
  price: readonly [low: number, high: number];
  /** Background popularity relative to the other staples. */
  demand: number;
  again?: number;
  leads?: readonly LeadRule[];
}

export const staples: readonly Staple[] = [
  {
    category: 'batteries',
    noun: 'batteries',
    brands: ['Volt', 'Amber', 'Kraft'],
    variants: ['AA 8 pack', 'AAA 8 pack', 'AA 24 pack'],
    price: [4, 19],
    demand: 2.5,
    again: 0.25,
  },
  {
    category: 'USB cable',
    noun: 'USB cable',
    brands: ['Volt', 'Strand', 'Kraft'],
    variants: ['1 m', '2 m', '3 m'],
    price: [5, 19],
    demand: 2.5,
  },
  {
    category: 'charger',
    noun: 'charger',
    brands: ['Volt', 'Amber', 'Strand'],
    variants: ['20 W', '45 W', '65 W'],
    price: [12, 49],
    demand: 1,
    leads: [generic('USB cable', 0.2)],
  },
  {
    category: 'power bank',
    noun: 'power bank',
    brands: ['Volt', 'Amber'],
    variants: ['5 Ah', '10 Ah', '20 Ah'],
    price: [15, 59],
    demand: 0.7,
  },
  {
    category: 'earbuds',
    noun: 'earbuds',
    brands: ['Chime', 'Sonora', 'Orbit'],
    variants: ['white', 'black'],
    price: [19, 179],
    demand: 0.8,
  },
  {
    category: 'mouse',
    noun: 'mouse',
    brands: ['Strand', 'Tarn', 'Fjell'],
    variants: ['wireless', 'compact'],
    price: [9, 69],
    demand: 0.7,
    leads: [generic('batteries', 0.3, 12)],
  },
  {
    category: 'USB hub',
    noun: 'USB hub',
    brands: ['Strand', 'Kraft'],
    variants: ['4 ports', '7 ports'],
    price: [14, 59],
    demand: 0.5,
  },
  {
    category: 'memory card',
    noun: 'memory card',
    brands: ['Grain', 'Amber'],
    variants: ['64 GB', '128 GB', '256 GB'],
    price: [9, 79],
    demand: 1,
  },
  {
    category: 'tripod',
    noun: 'tripod',
    brands: ['Stilt', 'Argus'],
    variants: ['travel', 'studio'],
    price: [19, 149],
    demand: 0.4,
  },
  {
    category: 'HDMI cable',
    noun: 'HDMI cable',
    brands: ['Strand', 'Kraft'],
    variants: ['1 m', '3 m'],
    price: [6, 25],
    demand: 1.2,
  },
  {
    category: 'headset',
    noun: 'headset',
    brands: ['Chime', 'Quasar'],
    variants: ['wired', 'wireless'],
    price: [19, 149],
    demand: 0.5,
  },
  {
    category: 'paper',
    noun: 'paper',
    brands: ['Papyro', 'Birch'],
    variants: ['500 sheets', '2500 sheets'],
    price: [5, 29],
    demand: 1.5,
    again: 0.3,
  },
  {
    category: 'wipes',
    noun: 'wipes',
    brands: ['Clearly', 'Birch'],
    variants: ['30 pack', '90 pack'],
    price: [3, 12],
    demand: 1,
    again: 0.2,
  },
];

/** Products that lead nowhere and are led to by nothing. */
export const sundries = {
  brands: ['Hearth', 'Moss', 'Pebble', 'Gable', 'Fern', 'Tallow', 'Cobalt', 'Wick'],
  nouns: [
    ['desk lamp', 'lighting'],
    ['wall clock', 'home'],
    ['fridge magnet', 'home'],
    ['umbrella', 'travel'],
    ['travel mug', 'travel'],
    ['notebook', 'stationery'],
    ['alarm clock', 'home'],
    ['kitchen scale', 'kitchen'],
    ['kettle', 'kitchen'],
    ['toaster', 'kitchen'],
    ['fan', 'home'],
    ['heater', 'home'],
    ['thermometer', 'home'],
    ['torch', 'lighting'],
    ['fairy lights', 'lighting'],
    ['backpack', 'travel'],
    ['luggage tag', 'travel'],
    ['pen set', 'stationery'],
    ['desk mat', 'stationery'],
    ['photo frame', 'home'],
    ['doorbell', 'home'],
    ['smoke alarm', 'home'],
    ['blender', 'kitchen'],
    ['egg timer', 'kitchen'],
  ],
  colours: ['green', 'black', 'white', 'red', 'blue', 'grey', 'yellow', 'copper', 'cream', 'navy'],
  price: [5, 79],
} as const;
