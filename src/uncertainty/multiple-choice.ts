/**
 * One choice in each level so that the gains sum to the most while the slacks sum to at least `floor`: the multiple-choice
 * knapsack problem, exact for real numbers. A Lagrange multiplier bounds every choice first (Sinha and Zoltners 1979);
 * what may still beat a feasible answer goes through a dynamic programme over Pareto-optimal (gain, slack) states.
 */

export interface ChoiceLevel {
  gain: Float64Array;
  slack: Float64Array;
}

export interface Solution {
  choices: Uint32Array;
  gain: number;
  slack: number;
  /** False only when the states outgrew their cap; the answer is then feasible, and at most `gap` below the best. */
  exact: boolean;
  gap: number;
}

/** Pareto states kept at once: 2^18 take 6 MB a level. Real grids of 10 x 200 stay below 10,000. */
const CAP = 1 << 18;

/** Pareto-optimal partial sums, gain falling and slack rising. */
interface Front {
  gain: Float64Array;
  slack: Float64Array;
  /** State of the level before, and the choice that led here. */
  parent: Uint32Array;
  choice: Uint32Array;
  length: number;
}

/** The best answer, or undefined when no choices reach the floor. */
export function multipleChoice(levels: readonly ChoiceLevel[], floor: number): Solution | undefined {
  const scale = levels.reduce(
    (sum, { slack }) => sum + slack.reduce((m, s) => Math.max(m, Math.abs(s)), 0),
    1,
  );
  const least = floor - 1e-12 * scale - 1e-9;
  const pick = (lambda: number) => levels.map((level) => bestChoice(level, lambda));
  const sum = (choices: readonly number[]) => {
    let gain = 0;
    let slack = 0;
    choices.forEach((c, i) => {
      gain += levels[i].gain[c];
      slack += levels[i].slack[c];
    });
    return { gain, slack };
  };
  const done = (choices: readonly number[], exact = true, gap = 0): Solution => ({
    choices: Uint32Array.from(choices),
    ...sum(choices),
    exact,
    gap,
  });

  const free = pick(0);
  if (sum(free).slack >= least) return done(free);
  const safest = levels.map(({ slack, gain }) => bestChoice({ gain: slack, slack: gain }, 0));
  if (!(sum(safest).slack >= least)) return undefined;

  // The multiplier at which the relaxed answer turns feasible, from the feasible side.
  let low = 0;
  let high = 1;
  while (sum(pick(high)).slack < least && high < 2 ** 60) high *= 2;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (sum(pick(middle)).slack >= least) high = middle;
    else low = middle;
  }
  const relaxed = pick(high);
  const start = sum(relaxed).slack >= least ? relaxed : safest;
  const best = improve(levels, start, least);
  const lambda = high;
  const values = levels.map(({ gain, slack }, i) => gain[relaxed[i]] + lambda * slack[relaxed[i]]);
  const upper = values.reduce((total, v) => total + v, 0) - lambda * least;
  const whole = levels.every(({ gain }) => gain.every(Number.isInteger));
  const known = sum(best).gain;
  // Anything better than what is known costs at most this much of the bound; whole gains must be better by one.
  const rounding = 1e-12 * Math.max(1, Math.abs(upper));
  const gap = upper - known - (whole ? 1 : 0) + rounding;
  if (gap < 0) return done(best);
  return search(levels, values, lambda, least, gap, best, known, done);
}

/** The choice of the largest gain + lambda slack; of equals, that of the larger slack. */
function bestChoice({ gain, slack }: ChoiceLevel, lambda: number): number {
  let best = 0;
  for (let c = 1; c < gain.length; c++) {
    const better = gain[c] - gain[best] + lambda * (slack[c] - slack[best]);
    if (better > 0 || (better === 0 && slack[c] > slack[best])) best = c;
  }
  return best;
}

/** Swaps one level's choice at a time for the best that keeps the floor, while the gain grows. */
function improve(levels: readonly ChoiceLevel[], start: readonly number[], least: number): number[] {
  const choices = [...start];
  let slack = choices.reduce((total, c, i) => total + levels[i].slack[c], 0);
  for (;;) {
    let most = 0;
    let at = -1;
    let to = 0;
    levels.forEach((level, i) => {
      const now = choices[i];
      for (let c = 0; c < level.gain.length; c++) {
        const more = level.gain[c] - level.gain[now];
        if (more > most && slack + level.slack[c] - level.slack[now] >= least) [most, at, to] = [more, i, c];
      }
    });
    if (at < 0) return choices;
    slack += levels[at].slack[to] - levels[at].slack[choices[at]];
    choices[at] = to;
  }
}

/** Every combination that the bound leaves open, as fronts of Pareto-optimal states. */
function search(
  levels: readonly ChoiceLevel[],
  values: readonly number[],
  lambda: number,
  least: number,
  allowed: number,
  best: readonly number[],
  known: number,
  done: (choices: readonly number[], exact?: boolean, gap?: number) => Solution,
): Solution {
  let gap = allowed;
  let front: Front = {
    gain: new Float64Array(1),
    slack: new Float64Array(1),
    parent: new Uint32Array(1),
    choice: new Uint32Array(1),
    length: 1,
  };
  const fronts: Front[] = [];
  let reached = 0;
  levels.forEach((level, i) => {
    reached += values[i];
    let merged: Front | undefined;
    for (let c = 0; c < level.gain.length; c++) {
      if (values[i] - level.gain[c] - lambda * level.slack[c] > gap) continue;
      merged = merge(merged, front, level.gain[c], level.slack[c], c, reached - gap, lambda);
      while (merged.length > CAP) {
        gap /= 2;
        merged = merge(undefined, merged, 0, 0, -1, reached - gap, lambda);
      }
    }
    front = merged as Front;
    fronts.push(front);
  });
  // Gains fall along the front: the first state with enough slack is the best.
  let at = 0;
  while (at < front.length && front.slack[at] < least) at++;
  const missed = gap < allowed ? allowed : 0;
  if (at === front.length || front.gain[at] <= known) return done(best, missed === 0, missed);
  const choices = new Array<number>(levels.length);
  for (let i = levels.length - 1; i >= 0; i--) {
    choices[i] = fronts[i].choice[at];
    at = fronts[i].parent[at];
  }
  return done(choices, missed === 0, missed);
}

/**
 * The Pareto-optimal states among `have` and the states of `from` moved by (gain, slack) under choice c; states worth
 * less than `worth` (gain + lambda slack) are left out. c = -1 copies `from` with its own parents and choices.
 */
function merge(
  have: Front | undefined,
  from: Front,
  gain: number,
  slack: number,
  c: number,
  worth: number,
  lambda: number,
): Front {
  const room = (have?.length ?? 0) + from.length;
  const out: Front = {
    gain: new Float64Array(room),
    slack: new Float64Array(room),
    parent: new Uint32Array(room),
    choice: new Uint32Array(room),
    length: 0,
  };
  let most = -Infinity;
  const push = (g: number, s: number, parent: number, choice: number) => {
    if (!(s > most)) return;
    most = s;
    out.gain[out.length] = g;
    out.slack[out.length] = s;
    out.parent[out.length] = parent;
    out.choice[out.length++] = choice;
  };
  let a = 0;
  for (let b = 0; b < from.length; b++) {
    const g = from.gain[b] + gain;
    const s = from.slack[b] + slack;
    if (g + lambda * s < worth) continue;
    while (have && a < have.length && (have.gain[a] > g || (have.gain[a] === g && have.slack[a] >= s))) {
      push(have.gain[a], have.slack[a], have.parent[a], have.choice[a]);
      a++;
    }
    push(g, s, c < 0 ? from.parent[b] : b, c < 0 ? from.choice[b] : c);
  }
  while (have && a < have.length) {
    push(have.gain[a], have.slack[a], have.parent[a], have.choice[a]);
    a++;
  }
  return out;
}
