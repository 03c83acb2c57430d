import { compared, oneThreshold } from '../../../src/cli/thresholds-judge.ts';
import { type Parts, splitParts } from '../../../src/cli/thresholds-parts.ts';
import { planeOf, pointOf } from '../../../src/cli/thresholds-survey.ts';
import { type Boundary, Engine, type Holdout } from '../../../src/index.ts';
import { readTable, type Schema } from '../../../src/io/index.ts';
import { count, percent } from '../../../src/report/format.ts';
import { fitBoundary } from '../../../src/uncertainty/boundary.ts';
import { evaluatePolicy } from '../../../src/uncertainty/evaluate.ts';
import type { BoundaryFound, BoundaryInput, FileSource, ScoresRead, Source } from '../jobs.ts';
import { columnsOf } from '../roles.ts';
import { decisionWords } from './decision-words.ts';
import { inputOf, Rejects } from './input.ts';
import type { Run } from './main.ts';
import { simulateScores } from './simulate-scores.ts';

const SEED = 1;
const CONFIDENCE = 0.9;
/** f32 is what policies are made of. */
const LARGEST = 3.4e38;

let kept: { readonly engine: Engine; readonly parts: Parts } | undefined;

/** Reads scored rows and keeps them, half to fit on and half to judge by. */
export async function readScores(source: Source, run: Run): Promise<ScoresRead> {
  const engine = await Engine.create();
  try {
    const rejects = new Rejects();
    const simulation = source.from === 'simulation';
    const title = simulation ? `simulated scores (seed ${source.seed})` : source.file.name;
    const holdout = simulation
      ? simulateScores(engine, source.seed)
      : await rejects.during(() => readFile(source, rejects, run));
    const rows = holdout.score.length;
    const columns = simulation ? { score: 'score', label: 'label' } : named(source);
    const parts = splitParts(engine, { file: title, holdout, rows, columns }, SEED);
    kept?.engine.dispose();
    kept = { engine, parts };
    const positives = Array.from(holdout.label).reduce((sum, y) => sum + y, 0);
    return {
      title,
      hasUncertainty: holdout.uncertainty !== undefined,
      base: positives / rows,
      facts: [
        ['Rows read', count(rows)],
        ['Positive', `${count(Math.round(positives))} (${percent(positives / rows, 1)})`],
        ['To fit on', count(parts.calibration.score.length)],
        ['To judge by', count(parts.test.score.length)],
      ],
      notes: holdout.uncertainty ? [] : ['no column says how unsure a score is: there is only one threshold'],
      bad: rejects.summary,
    };
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

function named({ roles }: FileSource) {
  const one = (role: string) => columnsOf(roles, role)[0] as string | undefined;
  return { score: one('score')!, uncertainty: one('uncertainty'), label: one('label')!, group: one('group') };
}

async function readFile(source: FileSource, rejects: Rejects, run: Run): Promise<Holdout> {
  const { score, uncertainty, label, group } = named(source);
  const schema: Schema = {
    score: { type: 'f64', name: score, min: 0, max: 1 },
    ...(uncertainty === undefined
      ? {}
      : { uncertainty: { type: 'f64', name: uncertainty, min: -LARGEST, max: LARGEST } }),
    label: { type: 'f64', name: label, min: 0, max: 1 },
    ...(group === undefined ? {} : { group: { type: 'id', name: group } }),
  };
  const { columns } = await readTable(inputOf(source.file), schema, rejects.options(source, run));
  const read = columns as Record<string, unknown>;
  const { codes } = (read.group ?? {}) as { codes?: Int32Array };
  return {
    score: read.score as Float64Array,
    label: read.label as Float64Array,
    ...(read.uncertainty ? { uncertainty: read.uncertainty as Float64Array } : {}),
    ...(codes ? { group: codes } : {}),
  };
}

/** The boundary for a precision, beside one threshold on the score with the same bound, both judged on the other half. */
export function boundary({ precision, certify }: BoundaryInput): BoundaryFound {
  if (!kept) throw new Error('no scores have been read yet');
  const { engine, parts } = kept;
  const { calibration, test } = parts;
  const options = { precision, seed: SEED, ...(certify ? { confidence: CONFIDENCE } : {}) };
  const single = oneThreshold(engine, calibration, options);
  const found: Boundary = test.uncertainty
    ? fitBoundary(engine, calibration, { ...options, method: 'surface' })
    : single;
  const { policy } = found;
  const alone = found === single;
  const result = compared(engine, policy, single.policy, test, certify || alone);
  const base = evaluatePolicy(engine, single.policy, test);
  return {
    input: { precision, certify },
    lines: decisionWords({ policy, single: base, ...result }),
    points: [
      pointOf(alone ? 'one threshold on the score' : 'score and uncertainty', result.test),
      ...(alone ? [] : [pointOf('one threshold on the score', base)]),
    ],
    ...(alone ? {} : { gain: result.gain }),
    plane: test.uncertainty && planeOf(policy, test.score, test.uncertainty, test.label),
    policy: policy.toJSON(),
  };
}
