import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DualEncoder, type Propagation } from '../../src/directed-graph/encoder.ts';
import { nodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import type { Block } from '../../src/directed-graph/layer.ts';
import { MessageGraph, type Relation } from '../../src/directed-graph/message.ts';
import { type Batch, Objective } from '../../src/directed-graph/objective.ts';
import { type EncoderOptions, encoderOptions, type Preset } from '../../src/directed-graph/options.ts';
import { engine, indices, numbers } from '../helpers/kernel.ts';

const NODES = 12;
const graph = DirectedGraph.fromEdges(indices(50, NODES, 3), indices(50, NODES, 8), {
  nodeCount: NODES,
  weight: numbers(50, 2, 0.5, 2),
});
const view = DirectedGraph.fromEdges(indices(14, NODES, 5), indices(14, NODES, 6), { nodeCount: NODES });
const features = nodeFeatures(indices(40, NODES, 1), indices(40, 7, 2), numbers(40, 3, 0.2, 1), NODES);
const POSITIVES = 9;

/** An encoder, a batch and a loss on a small graph whose every number is of order 1. */
function setup(given: Partial<EncoderOptions>, preset: Preset = 'default', scattered = false) {
  const options = encoderOptions({ dim: 6, layers: 2, negatives: 5, dropout: 0.3, ...given }, preset);
  if (options.input === 'auto') options.input = 'learned';
  const coView = options.coViewLoss > 0 && preset === 'blade';
  const shape = {
    nodeCount: NODES,
    capacity: Array.from({ length: options.layers + 1 }, () => NODES),
    features,
    coView,
  };
  const encoder = new DualEncoder(engine, options, shape);
  encoder.initialize(5);
  for (const { name, value } of encoder.parameters.all) {
    if (name.startsWith('hops') && options.hopWeights) value.set(numbers(value.length, 4, 0.2, 1));
    if (name === 'bias') value.set(numbers(value.length, 7, -0.5, 0.5));
  }
  const messages = new MessageGraph(engine, graph, options);
  messages.mask(0.2, options.maskReverse, { seed: 1, stream: 2, step: 3 });
  const views = new MessageGraph(engine, view, options);
  views.unmask();
  const own = (relation: Relation): Relation => (scattered ? { matrix: relation.matrix } : relation);
  const relations = messages.relations();
  const block: Block = {
    rows: NODES,
    columns: NODES,
    out: own(relations.out),
    in: own(relations.in),
    coViewOut: coView ? views.relations().out : undefined,
    coViewIn: coView ? views.relations().in : undefined,
  };
  const at: Propagation = {
    input: { count: NODES },
    blocks: Array.from({ length: options.layers }, () => block),
  };
  const logRate = engine.from('f32', numbers(NODES, 9, -1, 1));
  const objective = new Objective(engine, options, encoder.parameters, logRate, POSITIVES);
  const source = indices(POSITIVES, NODES, 11);
  const target = indices(POSITIVES, NODES, 12);
  const negatives =
    options.loss === 'asymmetric' ? POSITIVES * options.negativesPerPositive : options.negatives;
  const negative = indices(negatives, NODES, 13);
  const batch: Batch = {
    positives: POSITIVES,
    source,
    target,
    sourceNode: source,
    targetNode: target,
    negative,
    negativeNode: negative,
    oneWay: Uint8Array.from(source, (_, i) => i % 2),
    viewSource: coView ? indices(6, NODES, 14) : undefined,
    viewTarget: coView ? indices(6, NODES, 15) : undefined,
  };
  const training = { seed: 4, step: 6, rate: options.dropout as number };
  const loss = () => {
    const output = encoder.forward(at, training);
    return objective.evaluate(batch, output, encoder.outputGradient(NODES), encoder.scale);
  };
  const gradient = () => {
    encoder.parameters.zeroGrad();
    const value = loss();
    encoder.backward(at, training);
    return value;
  };
  return { encoder, options, loss, gradient };
}

const cases: [string, Partial<EncoderOptions>, Preset?, boolean?][] = [
  ['default', {}],
  ['default by scatter', {}, 'default', true],
  ['features', { input: 'features' }],
  ['features and table', { input: 'features+learned' }],
  ['untied', { tied: false }],
  ['no layers', { layers: 0 }],
  ['logistic, mean, edge weights', { loss: 'logistic', aggregation: 'mean', edgeWeights: true }],
  ['mean by scatter', { aggregation: 'mean' }, 'default', true],
  ['direction loss', { directionLoss: 0.7 }],
  ['direction loss without bias', { directionLoss: 0.7, bias: false }],
  ['no temperature', { normalize: 'none', directionLoss: 0.5 }],
  ['tanh without weights', { activation: 'tanh', normalize: 'every' }],
  ['tanh and weights', { activation: 'tanh', transform: true, residual: true, crossRole: true }],
  ['asymmetric loss', { loss: 'asymmetric', coViewLoss: 0 }],
  ['blade with smooth activation', { activation: 'tanh', input: 'features' }, 'blade'],
  ['blade with learned hops', { activation: 'tanh', hopWeights: true, tied: false }, 'blade'],
  ['sum', { aggregation: 'sum', residual: false }],
];

for (const [name, given, preset, scattered] of cases) {
  test(`gradients against central differences: ${name}`, () => {
    const { encoder, loss, gradient, options } = setup(given, preset, scattered);
    gradient();
    const blocks = [...encoder.parameters.all].map((p) => ({ ...p, gradient: p.grad.copy() }));
    encoder.input.tables.forEach((t, i) => {
      blocks.push({ ...t, name: `table${i}`, shape: [], gradient: t.grad.copy() });
    });
    for (const { name: parameter, value, gradient: g } of blocks) {
      if (parameter.startsWith('hops') && !options.hopWeights) continue;
      // Along the gradient, and along a fixed direction, the slope must be what the gradient says.
      const steepest = Array.from(g);
      for (const [kind, direction] of [
        ['gradient', steepest],
        ['fixed', Array.from(numbers(g.length, 21, -1, 1))],
      ] as const) {
        const length = Math.hypot(...direction);
        if (length === 0) continue;
        const start = value.copy();
        const step = 4e-3;
        const at = (side: number) => {
          value.set(start.map((x, i) => x + (side * step * direction[i]) / length));
          return loss();
        };
        const slope = (at(1) - at(-1)) / (2 * step);
        value.set(start);
        const expected = direction.reduce((sum, x, i) => sum + x * g[i], 0) / length;
        assert.ok(
          Math.abs(slope - expected) <= 2e-3 + 2e-2 * Math.abs(expected),
          `${parameter} along the ${kind}: slope ${slope}, gradient says ${expected}`,
        );
      }
    }
  });
}

test.run();
