/**
 * The kernels' interface, one signature a line, in the order of assembly/index.ts. Pointers are byte offsets into the
 * engine's memory, counts are i32, scalars f32 or f64. The doc line above each kernel in assembly/ gives the shapes.
 */
export interface Kernels {
  // engine/vector
  allFinite(x: number, n: number): number;
  axpy(y: number, x: number, n: number, alpha: number): void;
  dot(a: number, b: number, n: number): number;
  scale(y: number, x: number, n: number, alpha: number): void;
  transpose(out: number, x: number, rows: number, cols: number): void;
  // engine/math
  exp(out: number, x: number, n: number): void;
  expF64(x: number): number;
  log(out: number, x: number, n: number): void;
  logF64(x: number): number;
  sigmoid(out: number, x: number, n: number): void;
  softplus(out: number, x: number, n: number): void;
  lgammaF64(x: number): number;
  digammaF64(x: number): number;
  trigammaF64(x: number): number;
  // engine/random
  normalQuantile(p: number): number;
  philoxBlock(out: number, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void;
  randomBits(out: number, n: number, seed: number, stream: number, step: number): void;
  randomIntegers(out: number, n: number, bound: number, seed: number, stream: number, step: number): void;
  randomNormal(out: number, n: number, scale: number, seed: number, stream: number, step: number): void;
  randomUniform(out: number, n: number, seed: number, stream: number, step: number): void;
  // directed-graph/aggregate
  // biome-ignore format: one signature a line
  gather(y: number, x: number, indptr: number, index: number, weight: number, rows: number, d: number, beta: number): void;
  // biome-ignore format: one signature a line
  scatter(dx: number, dy: number, indptr: number, index: number, weight: number, rows: number, d: number, stride: number): void;
  // nn/cholesky
  spdFinish(a: number, n: number): void;
  spdScratch(n: number, width: number): number;
  spdSweep(a: number, scratch: number, n: number, start: number, width: number): number;
  // biome-ignore format: one signature a line
  spdUpdate(a: number, scratch: number, lent: number, n: number, width: number, columns: number, first: number): void;
  // nn/linear
  // biome-ignore format: one signature a line
  gemmNN(c: number, a: number, b: number, scratch: number, m: number, k: number, n: number, beta: number): void;
  // biome-ignore format: one signature a line
  gemmNT(c: number, a: number, b: number, scratch: number, m: number, k: number, n: number, beta: number): void;
  // biome-ignore format: one signature a line
  gemmTN(c: number, a: number, b: number, scratch: number, m: number, k: number, n: number, beta: number): void;
  gemmScratch(m: number, k: number, n: number): number;
  // biome-ignore format: one signature a line
  product(c: number, a: number, b: number, scratch: number, m: number, k: number, n: number, ldc: number, ars: number, aks: number, bks: number, bcs: number, alpha: number, beta: number): void;
  // nn/topk
  // biome-ignore format: one signature a line
  topK(scores: number, ids: number, queries: number, items: number, bias: number, exclude: number, scratch: number, q: number, n: number, d: number, k: number, stride: number): void;
  topKRow(scores: number, ids: number, row: number, exclude: number, n: number, k: number): void;
  topKScratch(q: number): number;
  // nn/argsort
  argsort(order: number, keys: number, scratch: number, n: number): void;
  argsortScratch(n: number): number;
  // nn/activation
  relu(y: number, x: number, n: number): void;
  reluBackward(dx: number, dy: number, y: number, n: number): void;
  tanh(y: number, x: number, n: number): void;
  tanhBackward(dx: number, dy: number, y: number, n: number): void;
  scaleColumns(y: number, x: number, m: number, rows: number, cols: number): void;
  // biome-ignore format: one signature a line
  dropout(y: number, x: number, n: number, kept65536: number, seed: number, stream: number, step: number, first: number): void;
  // nn/normalize
  rowNormalize(y: number, inverse: number, x: number, rows: number, d: number): void;
  rowNormalizeBackward(dx: number, dy: number, y: number, inverse: number, rows: number, d: number): void;
  // nn/embedding
  gatherRows(out: number, table: number, index: number, n: number, d: number): void;
  scatterAddRows(table: number, grad: number, index: number, n: number, d: number, alpha: number): void;
  // nn/optimizer
  // biome-ignore format: one signature a line
  adam(p: number, g: number, m: number, v: number, n: number, rate: number, b1: number, b2: number, eps: number, decay: number): void;
  // biome-ignore format: one signature a line
  adamRows(p: number, g: number, m: number, v: number, row: number, n: number, d: number, rate: number, b1: number, b2: number, eps: number, decay: number): void;
  adagrad(p: number, g: number, s: number, n: number, rate: number, pull: number, scale: number): void;
  // nn/loss
  // biome-ignore format: one signature a line
  sampledSoftmax(logits: number, dPositive: number, positive: number, offset: number, positiveId: number, negativeId: number, rows: number, negatives: number, scale: number): number;
  logisticLoss(score: number, weight: number, n: number, sign: number, shift: number, scale: number): number;
  // biome-ignore format: one signature a line
  softLogistic(gradient: number, logits: number, label: number, weight: number, offset: number, ids: number, rows: number, heads: number): number;
  addColumnSums(out: number, x: number, rows: number, cols: number): void;
  // nn/field-embedding
  // biome-ignore format: one signature a line
  embedFields(out: number, table: number, index: number, x: number, ids: number, rows: number, fields: number, numbers: number, d: number): void;
  // biome-ignore format: one signature a line
  embedFieldsBackward(table: number, touched: number, known: number, index: number, ids: number, g: number, rows: number, fields: number, numbers: number, d: number): number;
  // nn/factorization
  // biome-ignore format: one signature a line
  pairForward(out: number, sums: number, table: number, dense: number, index: number, x: number, ids: number, rows: number, fields: number, numbers: number, heads: number, k: number): void;
  // biome-ignore format: one signature a line
  pairBackward(table: number, dense: number, touched: number, known: number, sums: number, index: number, x: number, ids: number, g: number, rows: number, fields: number, numbers: number, heads: number, k: number): number;
  // nn/slot-table
  // biome-ignore format: one signature a line
  linearForward(out: number, table: number, dense: number, index: number, x: number, ids: number, rows: number, fields: number, numbers: number, d: number): void;
  // biome-ignore format: one signature a line
  linearBackward(table: number, dense: number, touched: number, known: number, index: number, x: number, ids: number, g: number, rows: number, fields: number, numbers: number, d: number): number;
  // biome-ignore format: one signature a line
  slotAdagrad(table: number, touched: number, rate: number, pull: number, n: number, d: number, scale: number): void;
  // biome-ignore format: one signature a line
  slotAdam(table: number, touched: number, rate: number, pull: number, n: number, d: number, scale: number, b1: number, b2: number, eps: number): void;
  // directed-graph/asymmetric-loss
  pairScores(score: number, a: number, b: number, ai: number, bi: number, n: number, d: number): void;
  // biome-ignore format: one signature a line
  pairScoresBackward(da: number, db: number, a: number, b: number, ai: number, bi: number, g: number, n: number, d: number): void;
  // delayed-feedback/posterior
  // biome-ignore format: one signature a line
  hazardGradient(gradient: number, hazard: number, x: number, bucket: number, window: number, label: number, factor: number, edge: number, n: number, stride: number, bins: number): void;
  // biome-ignore format: one signature a line
  openPosterior(out: number, x: number, from: number, window: number, shift: number, factor: number, edge: number, n: number, stride: number, buckets: number, bins: number): void;
  // biome-ignore format: one signature a line
  visitGradient(gradient: number, posterior: number, value: number, logit: number, arrival: number, n: number, stride: number, cap: number): void;
  // directed-graph/message
  // biome-ignore format: one signature a line
  maskEdges(masked: number, held: number, edges: number, rate65536: number, seed: number, stream: number, step: number): number;
  // biome-ignore format: one signature a line
  maskedDegrees(degree: number, indptr: number, edge: number, weight: number, masked: number, rows: number): void;
  // biome-ignore format: one signature a line
  edgeWeights(out: number, indptr: number, index: number, edge: number, weight: number, masked: number, rowScale: number, columnScale: number, rows: number): void;
  // biome-ignore format: one signature a line
  mix(y: number, base: number, a: number, b: number, c: number, n: number, ca: number, cb: number, cc: number): void;
  // directed-graph/score
  rankCounts(counts: number, row: number, targets: number, n: number, k: number): void;
  // directed-graph/sampler
  // biome-ignore format: one signature a line
  drawNegatives(out: number, threshold: number, alias: number, exclude: number, scratch: number, count: number, perRow: number, bound: number, seed: number, stream: number, step: number): void;
  relabel(local: number, nodes: number, table: number, ids: number, count: number, known: number): number;
  relabelReset(table: number, nodes: number, count: number): void;
  // biome-ignore format: one signature a line
  sampleUniform(indptr: number, node: number, edge: number, available: number, scratch: number, frontier: number, budget: number, adjacency: number, mask: number, degree: number, time: number, limit: number, n: number, m: number, rows: number, fanout: number, maxDegree: number, seed: number, stream: number, step: number): number;
  // biome-ignore format: one signature a line
  sampleWeighted(indptr: number, node: number, edge: number, available: number, scratch: number, frontier: number, budget: number, adjacency: number, weight: number, mask: number, time: number, limit: number, n: number, m: number, rows: number, fanout: number, maxDegree: number, perNode: number, seed: number, stream: number, step: number): number;
  // biome-ignore format: one signature a line
  walkFill(indptr: number, node: number, share: number, scratch: number, frontier: number, budget: number, takenIndptr: number, takenNode: number, toward: number, back: number, mask: number, timeToward: number, timeBack: number, limit: number, n: number, m: number, rows: number, fanout: number, walks: number, hops: number, seed: number, stream: number, step: number): number;
  // uncertainty/variance
  welford(mean: number, squares: number, x: number, n: number, count: number): void;
  // uncertainty/isotonic
  isotonic(fit: number, positives: number, weight: number, scratch: number, n: number, least: number): number;
  isotonicScratch(n: number): number;
  // uncertainty/binomial
  betaIncomplete(x: number, a: number, b: number): number;
  binomialTail(k: number, n: number, p: number): number;
  // uncertainty/beta
  betaEntropy(out: number, a1: number, a0: number, n: number): void;
  // biome-ignore format: one signature a line
  evidenceLoss(gradient: number, logits: number, label: number, weight: number, n: number, entropy: number): number;
  posteriorMeans(
    out: number,
    positives: number,
    trials: number,
    n: number,
    b1: number,
    b0: number,
    tau: number,
  ): void;
  // uncertainty/grid
  // biome-ignore format: one signature a line
  gridHistogram(positives: number, weights: number, score: number, uncertainty: number, label: number, weight: number, cost: number, outer: number, inner: number, n: number, levels: number, bins: number, scoreFirst: number): void;
  // uncertainty/decide
  // biome-ignore format: one signature a line
  decideLevels(out: number, score: number, uncertainty: number, edges: number, high: number, low: number, n: number, levels: number, limit: number): number;
  // biome-ignore format: one signature a line
  decideNested(out: number, score: number, uncertainty: number, outer: number, inner: number, high: number, low: number, n: number, levels: number, bins: number, limit: number): number;
  // uncertainty/frontier
  // biome-ignore format: one signature a line
  maxPlus(out: number, choice: number, before: number, offset: number, gain: number, states: number, beforeStates: number, choices: number): void;
  // uncertainty/surface
  surfaceLogits(z: number, score: number, n: number, center: number, scale: number): void;
  surfaceRanks(r: number, uncertainty: number, edges: number, n: number, count: number): void;
  // biome-ignore format: one signature a line
  surfaceStep(out: number, scratch: number, z: number, r: number, label: number, weight: number, beta: number, n: number): void;
  surfaceStepScratch(): number;
  surfaceTops(tops: number, z: number, r: number, n: number, count: number): void;
  // biome-ignore format: one signature a line
  surfaceValues(out: number, z: number, r: number, beta: number, tops: number, n: number, count: number): void;
}
