export type { AlsoViewed } from './also-viewed.ts';
export type { Catalogue, Items, Lead, Models } from './catalogue.ts';
export { alsoViewedCsv, featuresCsv, itemsCsv, ordersCsv, truthCsv } from './csv.ts';
export { type Customers, customerId } from './customers.ts';
export { type ExactWeights, ExposureTruth } from './exposure-truth.ts';
export {
  type ExposureOptions,
  type Exposures,
  exposureDefaults,
  signalNames,
  simulateExposures,
} from './exposures.ts';
export { exposuresCsv, exposureTruthCsv } from './exposures-csv.ts';
export type { TruthKind } from './families.ts';
export type { ItemFeatures } from './features.ts';
export type { Orders as ShopOrders } from './orders.ts';
export { type Shop, type ShopOptions, shopDefaults, simulateShop } from './shop.ts';
export type { Truth } from './truth.ts';
