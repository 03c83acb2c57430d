/** What has been loaded: a desk and a reading for each of the three pages. */
import { Desk } from './desk.ts';
import type { EventsInput, EventsRead, Kind, ScoresRead, ShopInput, ShopRead, Source } from './jobs.ts';
import { go, type PageName, refresh } from './state.ts';
import { Task } from './task.ts';

export interface Settings {
  minSupport: number;
  minLift: number;
  mode: ShopInput['mode'];
  window: string;
  unit: EventsInput['unit'];
}

/** Four customers a pair is what the simulated shop's size asks for; a file starts at the library's own three. */
const SIMULATED_SUPPORT = 4;
export const defaultSettings: Settings = {
  minSupport: 3,
  minLift: 2,
  mode: 'next',
  window: '30d',
  unit: 'days',
};

interface Loaded {
  shop?: { readonly input: ShopInput; readonly read: ShopRead };
  events?: { readonly input: EventsInput; readonly read: EventsRead };
  scores?: { readonly input: Source; readonly read: ScoresRead };
}

export const loaded: Loaded = {};
export const reading = { shop: new Task(), events: new Task(), scores: new Task() };

/** A worker that had to be ended takes what it held with it. */
const forget = (what: keyof Loaded) => () => {
  delete loaded[what];
  refresh();
};
export const desks = {
  shop: new Desk(forget('shop')),
  judge: new Desk(),
  events: new Desk(forget('events')),
  scores: new Desk(forget('scores')),
};

/** Told whenever other data have been read: what was made of the old is gone. */
const listeners: ((what: keyof Loaded) => void)[] = [];
export const onLoaded = (listener: (what: keyof Loaded) => void): void => {
  listeners.push(listener);
};

export const PAGE_OF: Readonly<Record<Kind, PageName>> = {
  orders: 'related',
  edges: 'related',
  events: 'conversions',
  scores: 'thresholds',
};

export const taskOf = (kind: Kind): Task =>
  kind === 'events' ? reading.events : kind === 'scores' ? reading.scores : reading.shop;

/** Reads a file or a simulation and goes to its page. */
export async function load(kind: Kind, source: Source, settings: Settings): Promise<void> {
  const page = PAGE_OF[kind];
  const { minLift, mode, window, unit } = settings;
  if (page === 'related') {
    const minSupport = source.from === 'simulation' ? SIMULATED_SUPPORT : settings.minSupport;
    const input: ShopInput = { source, minSupport, minLift, mode };
    const read = await reading.shop.run(desks.shop, 'shop', input);
    if (!read) return;
    loaded.shop = { input, read };
    for (const listener of listeners) listener('shop');
  } else if (page === 'conversions') {
    const input: EventsInput = { source, window, unit };
    const read = await reading.events.run(desks.events, 'events', input);
    if (!read) return;
    loaded.events = { input, read };
    for (const listener of listeners) listener('events');
  } else {
    const read = await reading.scores.run(desks.scores, 'scores', source);
    if (!read) return;
    loaded.scores = { input: source, read };
    for (const listener of listeners) listener('scores');
  }
  go(page);
  refresh();
}

export const simulate = (kind: Kind): Promise<void> =>
  load(kind, { from: 'simulation', seed: 1 }, defaultSettings);
