const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const held = (x: number) => Math.max(-30, Math.min(30, x));

/** floor(2 log2(1 + remaining)), at most bins - 1. */
function binOf(remaining: number, bins: number): number {
  const y = Math.fround(1 + Math.max(0, Math.fround(remaining)));
  return Math.min(bins - 1, Math.floor(2 * Math.log2(y)));
}

export function openPosterior(
  out: Float32Array,
  x: Float32Array,
  from: Uint32Array,
  window: Float32Array,
  shift: Float32Array,
  factor: Float32Array,
  edge: Float32Array,
  n: number,
  stride: number,
  buckets: number,
  bins: number,
): void {
  for (let i = 0; i < n; i++) {
    let open = 1;
    let u = 0;
    for (let j = from[i]; j < buckets && edge[j] < window[i]; j++) {
      const odds = Math.exp(held(x[i * stride])) * factor[j * bins + binOf(window[i] - edge[j], bins)];
      open *= 1 / (1 + odds);
      u = 1 / open - 1;
    }
    u = Math.max(1e-6, Math.min(1e6, u)) * shift[i];
    out[i] = u / (1 + u);
  }
}

export function hazardGradient(
  gradient: Float32Array,
  hazard: Float32Array,
  x: Float32Array,
  bucket: Uint32Array,
  window: Float32Array,
  label: Float32Array,
  factor: Float32Array,
  edge: Float32Array,
  n: number,
  stride: number,
  bins: number,
): void {
  for (let i = 0; i < n; i++) {
    const j = bucket[i];
    const odds = Math.exp(held(x[i * stride])) * factor[j * bins + binOf(window[i] - edge[j], bins)];
    hazard[i] = odds / (1 + odds);
    gradient[i * stride] = label[i] < 0 ? 0 : hazard[i] - label[i];
  }
}

export function visitGradient(
  gradient: Float32Array,
  posterior: Float32Array,
  value: Float32Array,
  logit: Float32Array,
  arrival: Float32Array,
  n: number,
  stride: number,
  cap: number,
): void {
  for (let i = 0; i < n; i++) {
    const p = sigmoid(logit[i * stride]);
    const p0 = Math.max(0.001, Math.min(0.999, sigmoid(arrival[i])));
    const dv = posterior[i] - value[i];
    gradient[i * stride] = -dv * Math.min(cap, dv > 0 ? (1 - p) / (1 - p0) : p / p0);
  }
}
