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
  const heard = hearing(onStep);
  try {
    for (;;) {
      notAborted(signal);
      const next = steps.next();
      if (next.done) return heard.end(next.value);
      heard.step(next.value);
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
  const heard = hearing(onStep);
  let breath = performance.now();
  try {
    for (;;) {
      notAborted(signal);
      const next = steps.next();
      if (next.done) return heard.end(next.value);
      heard.step(next.value);
      if (performance.now() - breath > 40) {
        await new Promise((resolve) => setTimeout(resolve));
        breath = performance.now();
      }
    }
  } finally {
    steps.return(undefined as T);
  }
}

/** Tells each piece of a job to its end: its last step stops short of its total, and a bar would never fill. */
function hearing(onStep?: (step: Step) => void) {
  let last: Step | undefined;
  const fill = () => {
    if (last && last.step < last.total) onStep?.({ ...last, step: last.total });
  };
  return {
    step(next: Step): void {
      if (next.phase !== last?.phase || next.total !== last.total || next.step < last.step) fill();
      last = next;
      onStep?.(next);
    },
    end<T>(value: T): T {
      fill();
      return value;
    },
  };
}
