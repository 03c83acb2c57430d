/** The trained model as the page knows it: what was asked of it, and how good it is. */
import { desks, loaded, onLoaded } from '../data.ts';
import type { Asked, Judgement, Trained, TrainInput } from '../jobs.ts';
import { address, place, refresh } from '../state.ts';
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

onLoaded((what) => {
  if (what !== 'shop') return;
  judging.cancel();
  model.trained = undefined;
  model.judgement = undefined;
  model.asked = undefined;
  model.reversed = false;
});

/** Trains, then asks for one product, all products, and how good the model is; the page answers meanwhile. */
export async function trainModel(): Promise<void> {
  const shop = loaded.shop;
  if (!shop) return;
  const input: TrainInput = { ...model.settings };
  const trained = await training.run(desks.shop, 'train', input);
  if (!trained) return;
  model.trained = trained;
  model.reversed = false;
  model.judgement = undefined;
  model.asked = undefined;
  refresh();
  if (place().page === 'related') show(startingPoint());
  void judgeModel(input);
  const reversed = await reversing.run(desks.shop, 'reverse', undefined);
  model.reversed = reversed !== undefined && reversed.items > 0;
  const node = shownNode();
  if (model.reversed && node !== undefined) void askFor(node);
}

export async function judgeModel(input: TrainInput = { ...model.settings }): Promise<void> {
  const shop = loaded.shop;
  if (!shop) return;
  const judgement = await judging.run(desks.judge, 'judge', { ...shop.input, ...input });
  // Other data may have been read meanwhile.
  if (judgement && loaded.shop === shop) model.judgement = judgement;
  refresh();
}

/** The product of the address, else the one with the most pairs. */
function startingPoint(): number {
  const items = loaded.shop?.read.items ?? [];
  const named = items.findIndex(({ id }) => id === place().item);
  if (named >= 0) return named;
  let best = 0;
  items.forEach((item, node) => {
    if (item.out > items[best].out) best = node;
  });
  return best;
}

/** Asks for the product of the address when it is another than the one shown. */
export function askForPlace(): void {
  const { item } = place();
  if (!model.trained || item === undefined || asking.running) return;
  const node = loaded.shop?.read.items.findIndex(({ id }) => id === item) ?? -1;
  if (node >= 0 && node !== model.asked?.node) void askFor(node);
}

async function askFor(node: number): Promise<void> {
  const asked = await asking.run(desks.shop, 'ask', node);
  if (asked) model.asked = asked;
  refresh();
}

const shownNode = (): number | undefined => model.asked?.node;

/** Shows a product; the address changes with it, so that going back works. */
export function show(node: number): void {
  const id = loaded.shop?.read.items[node]?.id;
  if (id === undefined) return;
  const to = address('related', id);
  if (location.hash === to) void askFor(node);
  else location.hash = to;
}

export const nameOf = (node: number): string => loaded.shop?.read.items[node]?.name ?? '';
export const idOf = (node: number): string => loaded.shop?.read.items[node]?.id ?? '';
