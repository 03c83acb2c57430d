/** The trained model as the page knows it: what was asked of it, and how good it is. */
import { desks, loaded, onLeaving, onLoaded } from '../data.ts';
import type { Asked, Judgement, ShopItem, Trained, TrainInput } from '../jobs.ts';
import { go, place, refresh } from '../state.ts';
import { Task } from '../task.ts';

export const training = new Task();
export const judging = new Task();
export const reversing = new Task();
export const asking = new Task();

interface Model {
  settings: { steps: number; directionLoss: number; seed: number };
  trained?: Trained;
  judgement?: Judgement;
  asked?: Asked;
  /** All answers are known, so that the question can be turned round. */
  reversed: boolean;
}

export const model: Model = { settings: { steps: 300, directionLoss: 0.3, seed: 1 }, reversed: false };

/** The product last asked for, so that one that cannot be answered is not asked for again and again. */
let wanted: number | undefined;

onLeaving((what) => {
  if (what !== 'shop') return;
  for (const task of [training, judging, reversing]) task.cancel();
  if (!loaded.shop) clear();
});
onLoaded((what) => {
  if (what === 'shop') clear();
});

function clear(): void {
  model.trained = undefined;
  model.judgement = undefined;
  model.asked = undefined;
  model.reversed = false;
  wanted = undefined;
}

/** Trains, then asks for one product, all products, and how good the model is; the page answers meanwhile. */
export async function trainModel(): Promise<void> {
  const shop = loaded.shop;
  if (!shop) return;
  const input: TrainInput = { ...model.settings };
  await reversing.stop();
  const trained = await training.run(desks.shop, 'train', input);
  if (!trained) return;
  clear();
  model.trained = trained;
  refresh();
  void judgeModel(input);
  const reversed = await reversing.run(desks.shop, 'reverse', undefined);
  if (!reversed || loaded.shop !== shop) return;
  model.reversed = reversed.items > 0;
  // What leads here is known better now.
  wanted = undefined;
  refresh();
}

export async function judgeModel(input: TrainInput = { ...model.settings }): Promise<void> {
  const shop = loaded.shop;
  if (!shop) return;
  // The one before is of another training.
  await judging.stop();
  const judgement = await judging.run(desks.judge, 'judge', { ...shop.input, ...input });
  // Other data may have been read meanwhile.
  if (judgement && loaded.shop === shop) model.judgement = judgement;
  refresh();
}

/** The product that leads to the most others beyond those that lead to it: there the arrow is seen best. */
function startingPoint(): number {
  const items = loaded.shop?.read.items ?? [];
  let best = 0;
  items.forEach((item, node) => {
    if (item.out - item.in > items[best].out - items[best].in) best = node;
  });
  return best;
}

/** Asks for the product of the address, or the first one, unless it is the one that was asked for last. */
export function askForPlace(): void {
  if (!model.trained || asking.running) return;
  const { item } = place();
  const named = item === undefined ? -1 : nodeOf(item);
  const node = named >= 0 ? named : (model.asked?.node ?? startingPoint());
  if (node === wanted) return;
  wanted = node;
  void askFor(node);
}

async function askFor(node: number): Promise<void> {
  const shop = loaded.shop;
  const asked = await asking.run(desks.shop, 'ask', node);
  if (asked && loaded.shop === shop) model.asked = asked;
  refresh();
}

/** Shows a product by the address, so that going back works. */
export const show = (node: number): void => go('related', idOf(node));

let nodes: { readonly items: readonly ShopItem[]; readonly of: ReadonlyMap<string, number> } | undefined;

/** The node of an id, or -1. */
function nodeOf(id: string): number {
  const items = loaded.shop?.read.items ?? [];
  if (nodes?.items !== items) nodes = { items, of: new Map(items.map((item, node) => [item.id, node])) };
  return nodes.of.get(id) ?? -1;
}

export const nameOf = (node: number): string => loaded.shop?.read.items[node]?.name ?? '';
export const idOf = (node: number): string => loaded.shop?.read.items[node]?.id ?? '';
