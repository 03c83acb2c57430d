import { DataError, numbers, object, sized } from '../../check.ts';

/** A column of real numbers; NaN is a missing value, infinities are refused. */
export interface NumericColumn {
  readonly name: string;
  readonly kind: 'numeric';
  readonly values: Float64Array;
}

/** A column of words by dictionary: row i holds levels[codes[i]]. A level need not occur, and may occur twice. */
export interface CategoricalColumn {
  readonly name: string;
  readonly kind: 'categorical';
  readonly codes: Uint32Array;
  readonly levels: readonly string[];
}

export type FeatureColumn = NumericColumn | CategoricalColumn;

/** Columns of `rows` values each, with distinct names. */
export interface FeatureTable {
  readonly rows: number;
  readonly columns: readonly FeatureColumn[];
}

/** TypeError for an entry that is no number: null would be read as 0. */
export function numericColumn(name: string, values: ArrayLike<number>): NumericColumn {
  numbers(values, `column ${name}`, values?.length, 'a number (NaN where it is missing)');
  return { name, kind: 'numeric', values: Float64Array.from(values) };
}

/** TypeError for an entry that is no text. */
export function categoricalColumn(name: string, values: ArrayLike<string>): CategoricalColumn {
  sized(values, `column ${name}`, values?.length);
  const known = new Map<string, number>();
  const codes = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let code = known.get(values[i]);
    if (code === undefined) {
      if (typeof values[i] !== 'string') {
        throw new TypeError(`column ${name}[${i}] must be text, got ${String(values[i])}`);
      }
      known.set(values[i], (code = known.size));
    }
    codes[i] = code;
  }
  return { name, kind: 'categorical', codes, levels: [...known.keys()] };
}

/** Refuses columns of another length, repeated names, infinite numbers and codes without a level of text. */
export function checkTable(table: FeatureTable, name = 'table'): void {
  object(table, name, 'a table { rows, columns }');
  if (!(Array.isArray(table.columns) && Number.isInteger(table.rows) && table.rows >= 0)) {
    throw new TypeError(`${name} must be { rows, columns }`);
  }
  const names = new Set<string>();
  for (const column of table.columns as readonly FeatureColumn[]) {
    const fail = (code: string, message: string, row?: number): never => {
      const where = row === undefined ? '' : `row ${row}: `;
      throw new DataError(`${where}${message}`, { code, column: column.name });
    };
    if (typeof column?.name !== 'string') throw new TypeError(`${name}: every column needs a name`);
    if (names.has(column.name)) fail('duplicate-column', 'the name is used twice');
    names.add(column.name);
    const [values, kind] =
      column.kind === 'numeric'
        ? ([column.values, Float64Array] as const)
        : ([column.kind === 'categorical' ? column.codes : undefined, Uint32Array] as const);
    if (!(values instanceof kind && (column.kind === 'numeric' || Array.isArray(column.levels)))) {
      throw new TypeError(
        `${name}: column ${column.name} must be numeric with Float64Array values, or categorical with Uint32Array codes and levels`,
      );
    }
    if (!(values.length === table.rows)) {
      fail('wrong-length', `has ${values.length} values for ${table.rows} rows`);
    }
    if (column.kind === 'numeric') {
      const at = column.values.findIndex((x) => !(Number.isFinite(x) || Number.isNaN(x)));
      if (at >= 0) fail('bad-number', `must be finite or missing, got ${column.values[at]}`, at);
    } else {
      if (!column.levels.every((level) => typeof level === 'string'))
        fail('bad-level', 'levels must be text');
      const at = column.codes.findIndex((code) => !(code < column.levels.length));
      if (at >= 0) fail('bad-code', `code ${column.codes[at]} has no level`, at);
    }
  }
}
