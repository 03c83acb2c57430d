import { verdict } from '../../../src/cli/conversions-verdict.ts';
import {
  type ConversionLog,
  type ConversionMethod,
  Engine,
  evaluateMethods,
  methodText,
} from '../../../src/index.ts';
import type { Compared } from '../jobs.ts';
import { currentLog } from './events.ts';
import { seldom } from './input.ts';
import type { Run } from './main.ts';

/** Only rows whose label is final can be judged: the first third of them is the history, the last is where the stream ends. */
function judgedBounds(log: ConversionLog): { pretrainUntil: number; until: number } {
  const final = log.time.filter((_, i) => log.mature[i] === 1);
  const [from, last] = [final[Math.floor(final.length / 3)], final[final.length - 1]];
  if (!(last > from)) throw new RangeError('too few rows have a final label yet: nothing can be judged');
  // The end is exclusive.
  return { pretrainUntil: from, until: last + 1e-9 * Math.max(1, Math.abs(last)) };
}

/** Replays the log with each method: every step is predicted before it is learned from. */
export async function compare(methods: readonly string[], { signal, tell }: Run): Promise<Compared> {
  const log = currentLog();
  const often = seldom(tell);
  const engine = await Engine.create();
  try {
    const found = await evaluateMethods(engine, log, {
      methods: methods as readonly ConversionMethod[],
      ...judgedBounds(log),
      resamples: 500,
      signal,
      onProgress: ({ phase, step, total, etaMs }) => {
        const stage = phase === 'history' ? 'Learning the history' : 'Replaying the stream';
        const steps = total / methods.length;
        const method =
          phase === 'stream' ? methods[Math.min(methods.length - 1, Math.floor((step - 1) / steps))] : '';
        often({ stage, step, total, etaMs, detail: method });
      },
    });
    const ranked = Object.entries(found.methods).sort(([, a], [, b]) => a.logLoss - b.logLoss);
    return {
      lines: verdict(ranked as Parameters<typeof verdict>[0], found),
      rows: found.rows,
      days: found.steps.map(({ to }) => to - found.steps[0].from),
      methods: ranked.map(([name, m]) => ({
        name,
        words: methodText[name as ConversionMethod],
        logLoss: m.logLoss,
        auc: m.auc,
        pcoc: m.pcoc,
        gap: m.riLogLoss,
        gapInterval: m.ci.riLogLoss,
        bySteps: m.bySteps.logLoss,
      })),
    };
  } finally {
    engine.dispose();
  }
}
