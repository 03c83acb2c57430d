import { notAborted } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { Base } from './base.ts';
import { delayCurve } from './delay-curve.ts';
import { rowsAt } from './encoded-rows.ts';
import type { ConversionLog } from './log.ts';
import { MethodRun } from './method-run.ts';
import { OpenRows } from './open-rows.ts';
import type { ConversionOptions, Resolved } from './options.ts';
import { Replay } from './replay.ts';
import { checkConversionOptions, resolveOptions } from './resolve-options.ts';
import type { ClassifierState } from './state.ts';

/** What `DelayedFeedbackClassifier.fit` learns from a log, as the state of a classifier. */
export async function learnState(
  engine: Engine,
  log: ConversionLog,
  given: Partial<ConversionOptions> | undefined,
): Promise<ClassifierState> {
  const fork = engine.fork();
  try {
    const settings = resolveOptions(fork, log, checkConversionOptions(given));
    const { method, pretrainUntil, until } = settings;
    const methods = method === 'telescoping' ? [method] : [method, 'telescoping' as const];
    const base = await Base.learn(fork, log, settings, methods);
    const [from, to] = [log.rowsBefore(pretrainUntil), log.rowsBefore(until)];
    const rows = new OpenRows(log.rows);
    const truth = (row: number) => (log.delay[row] === Infinity ? 0 : 1);
    const run = new MethodRun(base, method, { rows, store: base.store, truth, flushed: () => {} });
    const replay = new Replay(log, run, rows, pretrainUntil, from, to);
    await stretches(replay, settings, to - from);
    const places = rows.places();
    const { signal: _, onProgress: __, ...kept } = settings;
    const state: ClassifierState = {
      card: {
        kind: 'conversions',
        version: 1,
        settings: kept,
        signals: log.signalNames,
        window: log.fixedWindow && log.rows > 0 ? log.window[0] : undefined,
        counts: log.counts,
      },
      pipeline: base.pipeline.toJSON(),
      run: run.state(),
      posterior: base.posterior!,
      rows: { ...rows.state(), place: Uint32Array.from(places, (_, i) => i) },
      ids: places.map((place) => log.id?.[place] ?? log.source[place]),
      features: rowsAt(base.store, places),
      now: until,
      curve: delayCurve(log, { at: Math.min(until, log.end) }),
    };
    return state;
  } finally {
    fork.dispose();
  }
}

/** Replays the stream a step at a time, each an update of its own, so that it can be watched and stopped. */
async function stretches(replay: Replay, settings: Resolved, rows: number): Promise<void> {
  const { pretrainUntil, until, step, onProgress, signal } = settings;
  const count = Math.max(1, Math.min(10_000, Math.ceil((until - pretrainUntil) / step - 1e-9)));
  const began = performance.now();
  for (let k = 1; k <= count; k++) {
    const last = k === count;
    replay.until(last ? until : pretrainUntil + ((until - pretrainUntil) * k) / count, last);
    await new Promise((resolve) => setTimeout(resolve));
    notAborted(signal);
    const elapsedMs = performance.now() - began;
    onProgress?.({
      phase: 'stream',
      step: Math.round((rows * k) / count),
      total: rows,
      loss: Number.NaN,
      elapsedMs,
      etaMs: (elapsedMs * (count - k)) / k,
    });
  }
}
