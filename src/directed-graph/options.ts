import { flag, integer, oneOf, options, real } from '../check.ts';
import type { Activation } from '../nn/activation.ts';

export type EncoderInput = 'learned' | 'features' | 'features+learned' | 'structural' | 'fixed';
export type Aggregation = 'symmetric' | 'mean' | 'sum';
export type Loss = 'softmax' | 'logistic' | 'asymmetric';

/** Every switch of the dual encoder. The values here are the recommended recipe, found by ablation on real graphs. */
export const encoderDefaults = {
  /** Numbers in a source and in a target vector. */
  dim: 64,
  /** Propagation steps; 0 uses the input alone. */
  layers: 3,
  /** What a node starts from; `auto` is features when they are given, else a learned row. */
  input: 'auto' as EncoderInput | 'auto',
  /** One base vector a node for both roles, or a table for each. */
  tied: true,
  /** Two learned linear maps from the base vector to the roles (near identity at the start). */
  roleMaps: true,
  /** D_out^-1/2 A D_in^-1/2, mean or plain sum over the neighbours. */
  aggregation: 'symmetric' as Aggregation,
  /** Messages weigh by the graph's edge weights. */
  edgeWeights: false,
  /** Besides targets of out-neighbours and sources of in-neighbours, messages within a role, with learned weights. */
  crossRole: true,
  /** Each step's messages carry learned scalar weights, or weigh 1. */
  hopWeights: true,
  /** A step adds to the vector before it, or replaces it. */
  residual: true,
  /** One weight matrix a layer, shared by the roles, on the messages. */
  transform: false,
  activation: 'none' as Activation,
  /** The activation also follows the last layer. */
  activateLast: true,
  /** Rows to unit length after the last layer, after every layer, or never. */
  normalize: 'last' as 'last' | 'every' | 'none',
  /** Share of the input set to 0 while training; `auto` by size and by whether features are given. */
  dropout: 'auto' as number | 'auto',
  /** Share of the edges taken out of the message graph and predicted in a step; 0 predicts edges it can see. */
  mask: 0.2,
  /** The reverse of a held-out edge is held out of the message graph too. */
  maskReverse: false,
  /** Factor on cosine scores at the start (learned when `learnTemperature`). */
  temperature: 10,
  learnTemperature: true,
  /** A learned popularity term for each target. */
  bias: true,
  /** Sampled softmax with logQ, logistic with shared negatives, or the published asymmetric loss (DAEMON eq. 2). */
  loss: 'softmax' as Loss,
  /** Shared negatives a step (softmax, logistic), drawn by (in-degree + .5)^.75. */
  negatives: 512,
  /** Subtracts the log sampling rate, so that popular targets are not penalised for being drawn often. */
  logQ: true,
  /** Uniform negatives for each positive (asymmetric loss). */
  negativesPerPositive: 5,
  /** Weight of softplus(reverse - forward) on one-way edges. */
  directionLoss: 0,
  /** Weight of the co-view loss (asymmetric loss only), and whether co-view messages are passed. */
  coViewLoss: 1,
};
export type EncoderOptions = typeof encoderDefaults;

/** The published recipe (DAEMON algorithm 1 with BLADE's sampler) as far as it is public: our reconstruction. */
export const bladePreset: Partial<EncoderOptions> = {
  roleMaps: false,
  crossRole: false,
  hopWeights: false,
  residual: false,
  transform: true,
  aggregation: 'mean',
  activation: 'relu',
  normalize: 'every',
  dropout: 0,
  mask: 0.2,
  maskReverse: true,
  learnTemperature: false,
  temperature: 1,
  bias: false,
  loss: 'asymmetric',
};

export const presets = { default: {} as Partial<EncoderOptions>, blade: bladePreset };
export type Preset = keyof typeof presets;

/** The switches with every value checked; unknown names are refused. */
export function encoderOptions(
  given: Partial<EncoderOptions> = {},
  preset: Preset = 'default',
): EncoderOptions {
  oneOf(preset, 'preset', ['default', 'blade']);
  const base = { ...encoderDefaults, ...presets[preset] };
  const o = options<EncoderOptions>(given, base, 'encoder');
  integer(o.dim, 'dim', 1, 4096);
  integer(o.layers, 'layers', 0, 16);
  oneOf(o.input, 'input', ['auto', 'learned', 'features', 'features+learned', 'structural', 'fixed']);
  oneOf(o.aggregation, 'aggregation', ['symmetric', 'mean', 'sum']);
  oneOf(o.activation, 'activation', ['none', 'relu', 'tanh']);
  oneOf(o.normalize, 'normalize', ['last', 'every', 'none']);
  oneOf(o.loss, 'loss', ['softmax', 'logistic', 'asymmetric']);
  const flags = [
    'tied',
    'roleMaps',
    'edgeWeights',
    'crossRole',
    'hopWeights',
    'residual',
    'transform',
    'activateLast',
    'maskReverse',
    'learnTemperature',
    'bias',
    'logQ',
  ] as const;
  for (const name of flags) flag(o[name], name);
  if (o.dropout !== 'auto') real(o.dropout, 'dropout', 0, 0.99);
  real(o.mask, 'mask', 0, 0.99);
  real(o.temperature, 'temperature', 1e-3, 1e3);
  integer(o.negatives, 'negatives', 1, 1 << 16);
  integer(o.negativesPerPositive, 'negativesPerPositive', 1, 1000);
  real(o.directionLoss, 'directionLoss', 0, 1000);
  real(o.coViewLoss, 'coViewLoss', 0, 1000);
  if (o.input === 'structural' && o.tied) {
    // The factors of a directed matrix are two tables by nature.
    o.tied = false;
  }
  return o;
}
