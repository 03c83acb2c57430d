import { wrongKind } from '../check.ts';
import { checkTable, type FeatureTable } from '../nn/tabular/table.ts';

/** An object, said as `what`. A list or a promise is none: its entries would be missed, or all of it. */
export function objectGiven<T>(value: T, name: string, what: string): T {
  const is = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (is && !(value instanceof Promise)) return value;
  throw wrongKind(value, name, what);
}

/** `checkTable` that says what was given for a table. */
export function tableGiven(table: FeatureTable, name: string): void {
  checkTable(objectGiven(table, name, 'a table { rows, columns }'), name);
}
