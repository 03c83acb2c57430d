import { DataError, real } from '../../check.ts';
import { type ColumnPlan, checkPipelineOptions, FeaturePipeline, type PipelineOptions } from './pipeline.ts';

const MOST_COLUMNS = 65535;

/**
 * A pipeline from what its `toJSON` gave. Nothing is believed: a foreign, newer or damaged object is a DataError
 * `damaged-pipeline` that names the part.
 */
export function pipelineFromJSON(json: unknown): FeaturePipeline {
  try {
    const { version, options, columns } = record(json, 'pipeline', ['version', 'options', 'columns']);
    if (version !== 1) throw new RangeError(`version must be 1, got ${String(version).slice(0, 20)}`);
    const set = checkPipelineOptions(record(options, 'options') as Partial<PipelineOptions>);
    if (!(Array.isArray(columns) && columns.length <= MOST_COLUMNS)) {
      throw new TypeError(`columns must be a list of at most ${MOST_COLUMNS}`);
    }
    const names = new Set<string>();
    const plans = columns.map((column, i): ColumnPlan => {
      const plan = columnPlan(column, `columns[${i}]`);
      if (names.has(plan.name)) throw new RangeError(`columns[${i}]: the name is used twice`);
      names.add(plan.name);
      return plan;
    });
    return new FeaturePipeline(set, plans);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`not a feature pipeline: ${reason}`, { code: 'damaged-pipeline' }, cause);
  }
}

function columnPlan(value: unknown, at: string): ColumnPlan {
  const { name, kind, ...rest } = record(value, at);
  if (typeof name !== 'string') throw new TypeError(`${at}.name must be text`);
  if (kind === 'categorical') {
    record(rest, at, []);
    return { name, kind };
  }
  if (kind === 'bucket') {
    const { edges } = record(rest, at, ['edges']);
    if (!(Array.isArray(edges) && edges.length < 1024))
      throw new TypeError(`${at}.edges must be a list below 1024`);
    edges.forEach((edge, k) => {
      real(edge, `${at}.edges[${k}]`);
      if (k > 0 && !(edge > edges[k - 1]))
        throw new RangeError(`${at}.edges[${k}] must be above the one before`);
    });
    return { name, kind, edges: [...edges] };
  }
  if (kind === 'standard') {
    const { mean, deviation, missing } = record(rest, at, ['mean', 'deviation', 'missing']);
    if (typeof missing !== 'boolean') throw new TypeError(`${at}.missing must be true or false`);
    return {
      name,
      kind,
      mean: real(mean, `${at}.mean`),
      deviation: real(deviation, `${at}.deviation`, 0),
      missing,
    };
  }
  throw new RangeError(`${at}.kind must be categorical, bucket or standard`);
}

/** A plain object; with `keys`, of exactly these. */
function record(value: unknown, name: string, keys?: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${name} must be an object`);
  }
  const found = value as Record<string, unknown>;
  if (keys) {
    for (const key of keys) if (!Object.hasOwn(found, key)) throw new TypeError(`${name}.${key} is missing`);
    const extra = Object.keys(found).find((key) => !keys.includes(key));
    if (extra !== undefined)
      throw new TypeError(`${name} has an unknown part ${JSON.stringify(extra.slice(0, 60))}`);
  }
  return found;
}
