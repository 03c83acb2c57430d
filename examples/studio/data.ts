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

/** Told before other data are read, and when data are gone: what is made of them is to end. */
const leavers: ((what: keyof Loaded) => void)[] = [];
export const onLeaving = (listener: (what: keyof Loaded) => void): void => {
  leavers.push(listener);
};
const leave = (what: keyof Loaded) => {
  for (const listener of leavers) listener(what);
};

/** Told when other data have been read. */
const arrivers: ((what: keyof Loaded) => void)[] = [];
export const onLoaded = (listener: (what: keyof Loaded) => void): void => {
  arrivers.push(listener);
};

/** A worker that had to be ended takes what it held with it. */
const forget = (what: keyof Loaded) => () => {
  if (loaded[what])
    reading[what].failure = 'The work did not stop by itself and had to be ended: read the data again.';
  delete loaded[what];
  leave(what);
  refresh();
};

/** What holds data is waited for: a step over a large graph takes seconds. What holds none is ended soon. */
const [PATIENT, SOON] = [10_000, 1000];
export const desks = {
  shop: new Desk(PATIENT, forget('shop')),
  judge: new Desk(SOON),
  look: new Desk(SOON),
  events: new Desk(PATIENT, forget('events')),
  scores: new Desk(PATIENT, forget('scores')),
};

export const PAGE_OF: Readonly<Record<Kind, PageName>> = {
  orders: 'related',
  edges: 'related',
  events: 'conversions',
  scores: 'thresholds',
};

export const taskOf = (kind: Kind): Task =>
  kind === 'events' ? reading.events : kind === 'scores' ? reading.scores : reading.shop;

/** What a page's data are called. */
const NAME_OF: Readonly<Record<Kind, keyof Loaded>> = {
  orders: 'shop',
  edges: 'shop',
  events: 'events',
  scores: 'scores',
};

/** Reads a file or a simulation and goes to its page; what was read before stays where this fails. */
export async function load(kind: Kind, source: Source, settings: Settings): Promise<void> {
  const name = NAME_OF[kind];
  leave(name);
  if (!(await readInto(name, source, settings))) return;
  for (const listener of arrivers) listener(name);
  go(PAGE_OF[kind]);
  refresh();
}

async function readInto(name: keyof Loaded, source: Source, settings: Settings): Promise<boolean> {
  const { minLift, mode, window, unit } = settings;
  if (name === 'shop') {
    const minSupport = source.from === 'simulation' ? SIMULATED_SUPPORT : settings.minSupport;
    const input: ShopInput = { source, minSupport, minLift, mode };
    const read = await reading.shop.run(desks.shop, 'shop', input);
    if (read) loaded.shop = { input, read };
    return read !== undefined;
  }
  if (name === 'events') {
    const input: EventsInput = { source, window, unit };
    const read = await reading.events.run(desks.events, 'events', input);
    if (read) loaded.events = { input, read };
    return read !== undefined;
  }
  const read = await reading.scores.run(desks.scores, 'scores', source);
  if (read) loaded.scores = { input: source, read };
  return read !== undefined;
}

export const simulate = (kind: Kind): Promise<void> =>
  load(kind, { from: 'simulation', seed: 1 }, defaultSettings);
