import type { BadRows, Failure, FromWorker, JobName, Jobs, Progress } from './jobs.ts';
import StudioWorker from './worker/main.ts?worker&inline';

interface Open {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress?: (progress: Progress) => void;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a job was refused with: the typed error's name and words. */
export class JobError extends Error {
  readonly bad: BadRows | undefined;

  constructor({ name, message, bad }: Failure) {
    super(message);
    this.name = name;
    this.bad = bad;
  }
}

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** One worker, made when it is first asked, and the jobs it has. */
export class Desk {
  #worker: Worker | undefined;
  #last = 0;
  readonly #open = new Map<number, Open>();

  /**
   * A job has `graceMs` to answer a cancel before its worker is ended, as some steps give no turn to messages; `onLost`
   * hears of that, as what the worker held is gone then.
   */
  constructor(
    readonly graceMs: number,
    readonly onLost: () => void = () => {},
  ) {}

  /** The value of a job; rejects with a JobError, named AbortError when it was cancelled. */
  ask<J extends JobName>(
    job: J,
    input: Jobs[J][0],
    { signal, onProgress }: AskOptions = {},
  ): Promise<Jobs[J][1]> {
    const id = ++this.#last;
    const worker = (this.#worker ??= this.#start());
    return new Promise<Jobs[J][1]>((resolve, reject) => {
      this.#open.set(id, { resolve, reject, onProgress });
      worker.postMessage({ id, job, input });
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true });
    });
  }

  /** Ends the worker; its jobs are cancelled. */
  end(why: Failure = { name: 'AbortError', message: 'stopped' }): void {
    if (!this.#worker) return;
    this.#worker.terminate();
    this.#worker = undefined;
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of open) reject(new JobError(why));
    this.onLost();
  }

  #start(): Worker {
    const worker = new StudioWorker();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#answer(data);
    worker.onerror = (event) => {
      this.end({ name: 'Error', message: event.message || 'the worker could not be started' });
    };
    return worker;
  }

  #answer(message: FromWorker): void {
    const open = this.#open.get(message.id);
    if (!open) return;
    if ('progress' in message) {
      open.onProgress?.(message.progress);
      return;
    }
    this.#open.delete(message.id);
    if ('failure' in message) open.reject(new JobError(message.failure));
    else open.resolve(message.value as never);
  }

  #cancel(id: number): void {
    if (!this.#open.has(id)) return;
    this.#worker?.postMessage({ cancel: id });
    setTimeout(() => {
      if (this.#open.has(id)) this.end();
    }, this.graceMs);
  }
}
