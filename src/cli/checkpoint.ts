import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { DataError } from '../check.ts';
import type { Checkpoint } from '../directed-graph/fit.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../model-file.ts';
import { type Args, under } from './args.ts';
import { UsageError } from './errors.ts';
import { checkOutput, readBytes, writeOutput } from './files.ts';

export const checkpointOptions = under('Training', [
  { name: 'checkpoint', value: 'FILE', about: 'Save the unfinished training here; removed when it is done' },
  { name: 'checkpoint-every', value: 'N', about: 'Steps between two checkpoints', default: 25 },
  { name: 'resume', about: 'Go on from the file of --checkpoint if it is there' },
]);

/** A checkpoint file as the options say: read when resuming, written while training, removed after success. */
export interface CheckpointFile {
  readonly options: Checkpoint | undefined;
  /** The step that the training goes on from; undefined when it begins. */
  readonly from: number | undefined;
  remove(): Promise<void>;
}

export async function openCheckpoint(args: Args): Promise<CheckpointFile> {
  const path = args.text('checkpoint');
  const every = args.integer('checkpoint-every', 1, 1e7);
  if (path === undefined) {
    if (args.flag('resume')) throw new UsageError('--resume needs --checkpoint FILE');
    if (every !== undefined) throw new UsageError('--checkpoint-every needs --checkpoint FILE');
    return { options: undefined, from: undefined, remove: async () => {} };
  }
  await checkOutput(path);
  if (existsSync(path) && !args.flag('resume')) {
    throw new UsageError(
      `--checkpoint ${path} is there already: give --resume to go on from it, or another file`,
    );
  }
  const state = existsSync(path) ? decodeCheckpoint(await readBytes(path), path) : undefined;
  const save: Checkpoint['save'] = (unfinished) => writeOutput(path, encodeCheckpoint(unfinished));
  return {
    options: { every, save, resume: state },
    from: state?.step,
    remove: () => rm(path, { force: true }),
  };
}

/** Runs a training; a checkpoint of other data or options is a DataError `other-checkpoint`. */
export async function withCheckpoint<T>(path: string | undefined, train: () => Promise<T>): Promise<T> {
  try {
    return await train();
  } catch (error) {
    if (error instanceof RangeError && path && /^the checkpoint is of/.test(error.message)) {
      const rule = `${error.message}; remove it, or train without --resume`;
      throw new DataError(rule, { code: 'other-checkpoint', file: path }, error);
    }
    throw error;
  }
}
