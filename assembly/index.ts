// This list is the ABI: what is exported here is what src/engine/kernels.ts declares.

export { allFinite, axpy, dot, scale, transpose } from './engine/vector';
export { exp, expF64, log, logF64, sigmoid, softplus } from './engine/math';
export { philoxBlock, randomBits, randomIntegers, randomNormal, randomUniform } from './engine/random';
