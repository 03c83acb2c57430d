// This list is the ABI: what is exported here is what src/engine/kernels.ts declares.

export { allFinite, axpy, dot, scale, transpose } from './engine/vector';
export {
  digammaF64, exp, expF64, lgammaF64, log, logF64, sigmoid, softplus, trigammaF64,
} from './engine/math';
export { normalQuantile, philoxBlock, randomBits, randomIntegers, randomNormal, randomUniform } from './engine/random';
export { gather, scatter } from './directed-graph/aggregate';
export { spdFinish, spdScratch, spdSweep, spdUpdate } from './nn/cholesky';
export { gemmNN, gemmNT, gemmScratch, gemmTN, product } from './nn/linear';
export { topK, topKRow, topKScratch } from './nn/topk';
export { argsort, argsortScratch } from './nn/argsort';
export { dropout, relu, reluBackward, scaleColumns, tanh, tanhBackward } from './nn/activation';
export { rowNormalize, rowNormalizeBackward } from './nn/normalize';
export { gatherRows, scatterAddRows } from './nn/embedding';
export { adagrad, adam, adamRows } from './nn/optimizer';
export { addColumnSums, logisticLoss, sampledSoftmax, softLogistic } from './nn/loss';
export { embedFields, embedFieldsBackward } from './nn/field-embedding';
export { pairBackward, pairForward } from './nn/factorization';
export { linearBackward, linearForward, slotAdagrad, slotAdam } from './nn/slot-table';
export { pairScores, pairScoresBackward } from './directed-graph/asymmetric-loss';
export { hazardGradient, openPosterior, visitGradient } from './delayed-feedback/posterior';
export { edgeWeights, maskEdges, maskedDegrees, mix } from './directed-graph/message';
export { rankCounts } from './directed-graph/score';
export { drawNegatives, relabel, relabelReset, sampleUniform, sampleWeighted, walkFill } from './directed-graph/sampler';
export { welford } from './uncertainty/variance';
export { isotonic, isotonicScratch } from './uncertainty/isotonic';
export { betaIncomplete, binomialTail } from './uncertainty/binomial';
export { betaEntropy, evidenceLoss, posteriorMeans } from './uncertainty/beta';
export { gridHistogram } from './uncertainty/grid';
export { decideLevels, decideNested } from './uncertainty/decide';
export { maxPlus } from './uncertainty/frontier';
export { surfaceLogits, surfaceRanks, surfaceStep, surfaceStepScratch, surfaceTops, surfaceValues } from './uncertainty/surface';
