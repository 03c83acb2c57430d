import cliProgress from 'cli-progress';
import { duration } from './output.ts';

/** A bar on stderr when that is a terminal; nothing otherwise. */
export class ProgressBar {
  readonly #shown: boolean;
  #bar: cliProgress.SingleBar | undefined;
  #label = '';

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#shown = stream.isTTY === true;
  }

  /** Shows `label`, how far it is, and `detail` (loss, hit rate, time left). A new label starts a new bar. */
  update(label: string, step: number, total: number, detail = ''): void {
    if (!this.#shown) return;
    if (this.#label !== label || !this.#bar) {
      this.stop();
      this.#label = label;
      this.#bar = new cliProgress.SingleBar({
        stream: process.stderr,
        format: '{label} [{bar}] {percentage} %{detail}',
        barsize: 24,
        clearOnComplete: true,
        hideCursor: null,
        gracefulExit: false,
        linewrap: true,
        fps: 10,
      });
      this.#bar.start(Math.max(total, 1), step, { label, detail: '' });
    }
    this.#bar.setTotal(Math.max(total, 1));
    this.#bar.update(step, { label, detail: detail && `  ${detail}` });
  }

  /** Takes the bar away. */
  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/** `12 s left`; nothing before it is known and at the end. */
export function timeLeft(etaMs: number | undefined): string {
  if (etaMs === undefined || !(etaMs > 0 && etaMs < Infinity)) return '';
  const seconds = Math.ceil(etaMs / 1000);
  return `${seconds < 10 ? `${seconds} s` : duration(seconds)} left`;
}
