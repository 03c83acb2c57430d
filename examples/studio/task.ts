import { type Desk, isAbort, JobError } from './desk.ts';
import type { BadRows, JobName, Jobs, Progress } from './jobs.ts';
import { refresh } from './state.ts';

/** One long job as the page shows it: how far it is, its loss so far, and how it ended. */
export class Task {
  progress: Progress | undefined;
  losses: (readonly [step: number, loss: number])[] = [];
  failure: string | undefined;
  /** Rows left out before it failed. */
  bad: BadRows | undefined;
  stopped = false;
  #controller: AbortController | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  get running(): boolean {
    return this.#controller !== undefined;
  }

  /** The job's value; undefined when it was refused or cancelled, which the task then says. */
  run<J extends JobName>(desk: Desk, job: J, input: Jobs[J][0]): Promise<Jobs[J][1] | undefined> {
    if (this.running) return Promise.resolve(undefined);
    const controller = new AbortController();
    this.#controller = controller;
    const ended = this.#run(desk, job, input, controller);
    this.#ended = ended;
    return ended;
  }

  async #run<J extends JobName>(
    desk: Desk,
    job: J,
    input: Jobs[J][0],
    controller: AbortController,
  ): Promise<Jobs[J][1] | undefined> {
    this.progress = undefined;
    this.losses = [];
    this.failure = undefined;
    this.bad = undefined;
    this.stopped = false;
    refresh();
    const onProgress = (progress: Progress) => {
      this.progress = progress;
      if (progress.losses) this.losses.push(...progress.losses);
      refresh();
    };
    try {
      return await desk.ask(job, input, { signal: controller.signal, onProgress });
    } catch (error) {
      if (isAbort(error)) this.stopped = true;
      else this.failure = error instanceof Error ? error.message : String(error);
      if (error instanceof JobError) this.bad = error.bad;
      return undefined;
    } finally {
      this.#controller = undefined;
      refresh();
    }
  }

  /** Cancelled, and not yet at its end. */
  get stopping(): boolean {
    return this.#controller?.signal.aborted ?? false;
  }

  cancel(): void {
    this.#controller?.abort();
    refresh();
  }

  /** Cancels what runs and waits for its end, so that something else can be run. */
  async stop(): Promise<void> {
    this.cancel();
    await this.#ended;
  }
}
