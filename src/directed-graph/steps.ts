import { notAborted } from '../check.ts';

/** What a long job is doing. */
export interface Step {
  phase: string;
  step: number;
  total: number;
}

/** A long job that stops now and then to say how far it is; its value comes at the end. */
export type Steps<T> = Generator<Step, T, void>;

/** Runs a job to its end in one go. The signal's reason when aborted. */
export function finished<T>(steps: Steps<T>, signal?: AbortSignal, onStep?: (step: Step) => void): T {
  try {
    for (;;) {
      notAborted(signal);
      const next = steps.next();
      if (next.done) return next.value;
      onStep?.(next.value);
    }
  } finally {
    steps.return(undefined as T);
  }
}

/** The same with a turn of the event loop every 40 ms, so that a page can paint and an abort can arrive. */
export async function paced<T>(
  steps: Steps<T>,
  signal?: AbortSignal,
  onStep?: (step: Step) => void,
): Promise<T> {
  let breath = performance.now();
  try {
    for (;;) {
      notAborted(signal);
      const next = steps.next();
      if (next.done) return next.value;
      onStep?.(next.value);
      if (performance.now() - breath > 40) {
        await new Promise((resolve) => setTimeout(resolve));
        breath = performance.now();
      }
    }
  } finally {
    steps.return(undefined as T);
  }
}
