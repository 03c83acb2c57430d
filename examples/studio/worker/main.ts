/** The worker's end of desk.ts: runs jobs, tells how far they are, and stops them when asked. */
import type { JobName, Jobs, Progress, ToWorker } from '../jobs.ts';
import { ask, reverse } from './answers.ts';
import { compare } from './compare.ts';
import { readEvents } from './events.ts';
import { answersText, modelFile, report } from './files.ts';
import { rejectedBefore } from './input.ts';
import { judge } from './judge.ts';
import { look } from './look.ts';
import { boundary, readScores } from './scores.ts';
import { openShop } from './shop.ts';
import { train } from './train.ts';

/** What a job may do beside its work. */
export interface Run {
  readonly signal: AbortSignal;
  readonly tell: (progress: Progress) => void;
}

const handlers: { [J in JobName]: (input: Jobs[J][0], run: Run) => Promise<Jobs[J][1]> | Jobs[J][1] } = {
  look,
  shop: openShop,
  train,
  reverse,
  ask,
  judge,
  modelFile,
  answers: answersText,
  report,
  events: readEvents,
  compare,
  scores: readScores,
  boundary,
};

const running = new Map<number, AbortController>();

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if ('cancel' in data) {
    running.get(data.cancel)?.abort();
    return;
  }
  const { id, job, input } = data;
  const controller = new AbortController();
  running.set(id, controller);
  const tell = (progress: Progress) => self.postMessage({ id, progress });
  try {
    const handler = handlers[job] as (input: unknown, run: Run) => unknown;
    self.postMessage({ id, value: await handler(input, { signal: controller.signal, tell }) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    self.postMessage({ id, failure: { name, message, bad: rejectedBefore(error) } });
  } finally {
    running.delete(id);
  }
};
