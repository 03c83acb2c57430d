import { Clock, EVENT, type Timeline, timelineOf } from './clock.ts';
import type { ConversionLog } from './log.ts';
import type { MethodRun } from './method-run.ts';
import { FLAG, type OpenRows } from './open-rows.ts';

/** Runs a log's rows through a method in order of time, a stretch at a time. Places are the log's row numbers. */
export class Replay {
  readonly clock: Clock;
  readonly #timeline: Timeline;
  #at = 0;

  /** Events of the rows [from, to) from `start` on; rows before `from` are history. */
  constructor(
    readonly log: ConversionLog,
    readonly run: MethodRun,
    readonly rows: OpenRows,
    start: number,
    from: number,
    to: number,
  ) {
    const longest = log.window.reduce((most, w) => (w !== Infinity && w > most ? w : most), 0);
    const span = longest > 0 ? longest : Math.max(log.end - log.time[0], Number.MIN_VALUE);
    this.clock = new Clock(rows, run.visitor, start, span, (row) => rows.shut(row));
    const history = run.telescoping ? this.#enrol(start, from) : [];
    this.#timeline = timelineOf(log, from, to, history, start);
  }

  /** Runs everything before `time`, and the visits due by then; ends with part-filled batches worked off. */
  until(time: number, inclusive = false): void {
    const { log, rows, clock } = this;
    const { time: times, kind, row, signal } = this.#timeline;
    for (
      ;
      this.#at < times.length && (times[this.#at] < time || (inclusive && times[this.#at] === time));
      this.#at++
    ) {
      const i = row[this.#at];
      if (kind[this.#at] === EVENT.exposure) rows.open(i, log.time[i], log.window[i]);
      clock.tell(times[this.#at], kind[this.#at], i, signal[this.#at]);
    }
    clock.advance(time, inclusive);
    this.run.end();
  }

  /** Takes up the rows of the history that are undecided at the start, or whose bucket is; returns them. */
  #enrol(start: number, from: number): number[] {
    const { log, rows, run, clock } = this;
    const { ages } = run.posterior!;
    const found: number[] = [];
    for (let i = 0; i < from; i++) {
      const age = start - log.time[i];
      const bucket = ages.openAt(age);
      const converted = log.delay[i] < age;
      // Decided in an earlier bucket, or for good.
      if (converted ? bucket > 0 && log.delay[i] <= ages.edge[bucket] : log.closes[i] < age) continue;
      rows.open(i, log.time[i], log.window[i], FLAG.history | (converted ? FLAG.converted : 0));
      const due = run.telescoping!.enrol(i, age);
      if (due < age) {
        rows.shut(i);
        continue;
      }
      clock.schedule(i, due);
      found.push(i);
    }
    return found;
  }
}
