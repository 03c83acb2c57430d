/** A smooth function: fills `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  iterations: number;
  /** Pairs of steps and gradient changes kept. */
  history: number;
  /** Stops when the largest entry of the gradient is below this. */
  tolerance: number;
}

export const lbfgsDefaults: LbfgsOptions = { iterations: 60, history: 20, tolerance: 1e-6 };

export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
  evaluations: number;
}

/** Armijo and curvature constants of the strong Wolfe conditions (Nocedal & Wright 2006, chapter 3). */
const C1 = 1e-4;
const C2 = 0.9;

/** Minimum of a smooth function by L-BFGS with a strong-Wolfe line search (Nocedal & Wright, algorithms 7.5, 3.5, 3.6). */
export function lbfgs(objective: Objective, start: Float64Array, given?: Partial<LbfgsOptions>): Minimum {
  const { iterations, history, tolerance } = { ...lbfgsDefaults, ...given };
  const d = start.length;
  let x: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(d);
  let value = objective(x, gradient);
  let evaluations = 1;
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let done = 0;
  for (; done < iterations && largest(gradient) > tolerance; done++) {
    const direction = twoLoops(gradient, steps, changes);
    const slope = dot(direction, gradient);
    if (!(slope < 0)) break;
    const first = steps.length > 0 ? 1 : Math.min(1, 1 / absoluteSum(gradient));
    const found = wolfe(objective, x, value, slope, direction, first);
    evaluations += found.evaluations;
    if (!(found.value < value)) break;
    const step = found.x.map((next, i) => next - x[i]);
    const change = found.gradient.map((next, i) => next - gradient[i]);
    const gain = value - found.value;
    ({ x, value, gradient } = found);
    // The curvature condition keeps the approximation positive definite.
    if (dot(step, change) > 1e-12 * dot(change, change)) {
      steps.push(step);
      changes.push(change);
      if (steps.length > history) {
        steps.shift();
        changes.shift();
      }
    }
    if (gain <= 1e-9 * Math.abs(value)) {
      done++;
      break;
    }
  }
  return { x, value, iterations: done, evaluations };
}

/** -H gradient, H the inverse Hessian that the pairs suggest. */
function twoLoops(gradient: Float64Array, steps: Float64Array[], changes: Float64Array[]): Float64Array {
  const q = gradient.slice();
  const alpha = new Float64Array(steps.length);
  for (let i = steps.length - 1; i >= 0; i--) {
    alpha[i] = dot(steps[i], q) / dot(steps[i], changes[i]);
    add(q, changes[i], -alpha[i]);
  }
  const last = steps.length - 1;
  const scale = last >= 0 ? dot(steps[last], changes[last]) / dot(changes[last], changes[last]) : 1;
  for (let i = 0; i < q.length; i++) q[i] *= scale;
  for (let i = 0; i <= last; i++) {
    const beta = dot(changes[i], q) / dot(steps[i], changes[i]);
    add(q, steps[i], alpha[i] - beta);
  }
  return q.map((value) => -value);
}

interface Point {
  t: number;
  value: number;
  slope: number;
  x: Float64Array;
  gradient: Float64Array;
}

/** A step along `direction` that meets the strong Wolfe conditions, or the lowest point met in 25 evaluations. */
function wolfe(
  objective: Objective,
  x: Float64Array,
  value: number,
  slope: number,
  direction: Float64Array,
  first: number,
): Point & { evaluations: number } {
  let evaluations = 0;
  const at = (t: number): Point => {
    evaluations++;
    const moved = x.map((xi, i) => xi + t * direction[i]);
    const gradient = new Float64Array(x.length);
    const found = objective(moved, gradient);
    return { t, value: found, slope: dot(gradient, direction), x: moved, gradient };
  };
  const lowEnough = (p: Point) => p.value <= value + C1 * p.t * slope;
  const flatEnough = (p: Point) => Math.abs(p.slope) <= -C2 * slope;
  let low: Point = { t: 0, value, slope, x, gradient: new Float64Array(0) };
  let high: Point | undefined;
  let next = at(first);
  while (evaluations < 25) {
    if (!lowEnough(next) || (low.t > 0 && next.value >= low.value) || !Number.isFinite(next.value)) {
      high = next;
      break;
    }
    if (flatEnough(next)) return { ...next, evaluations };
    if (next.slope >= 0) {
      high = low;
      low = next;
      break;
    }
    low = next;
    next = at(2 * next.t);
  }
  // Zoom: `low` is the lowest point that descends enough, and a good step lies between it and `high`.
  while (high !== undefined && evaluations < 25) {
    const p = at(between(low, high));
    if (!lowEnough(p) || p.value >= low.value) high = p;
    else {
      if (flatEnough(p)) return { ...p, evaluations };
      if (p.slope * (high.t - low.t) >= 0) high = low;
      low = p;
    }
    if (Math.abs(high.t - low.t) <= 1e-10 * Math.max(1, low.t)) break;
  }
  return { ...low, evaluations };
}

/** Minimum of the parabola through low (value, slope) and high (value), kept a tenth away from both ends. */
function between(low: Point, high: Point): number {
  const width = high.t - low.t;
  const curve = high.value - low.value - low.slope * width;
  const share = curve > 0 ? (-low.slope * width) / (2 * curve) : 0.5;
  return low.t + width * Math.min(0.9, Math.max(0.1, Number.isFinite(share) ? share : 0.5));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function add(y: Float64Array, x: Float64Array, alpha: number): void {
  for (let i = 0; i < y.length; i++) y[i] += alpha * x[i];
}

const largest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const absoluteSum = (x: Float64Array): number => x.reduce((sum, value) => sum + Math.abs(value), 0);
