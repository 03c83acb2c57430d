/** Thrift compact protocol, as far as Parquet uses it, with every length checked before it is used. */

/** Field number to value. Lists become arrays, integers numbers, binaries views of the input. */
export type ThriftStruct = Map<number, ThriftValue>;
export type ThriftValue = boolean | number | Uint8Array | ThriftValue[] | ThriftStruct;

export interface Cursor {
  bytes: Uint8Array;
  at: number;
  /** Values still allowed; a footer of empty one-byte structs would otherwise become 100 times its size. */
  budget: number;
}

const DEEPEST = 16;

function byte(cursor: Cursor): number {
  if (!(cursor.at < cursor.bytes.length)) throw new Error('ends in the middle of a structure');
  return cursor.bytes[cursor.at++];
}

/** Unsigned integer of at most ten bytes; above 2^53 only its size is right, which is enough to refuse it. */
export function varint(cursor: Cursor): number {
  let value = 0;
  for (let power = 0; power < 10; power++) {
    const next = byte(cursor);
    value += (next & 127) * 2 ** (7 * power);
    if (next < 128) return value;
  }
  throw new Error('an integer of more than ten bytes');
}

function zigzag(cursor: Cursor): number {
  const value = varint(cursor);
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/** Length of something of which each item takes up at least one byte. */
function length(cursor: Cursor, count: number): number {
  if (!(count <= cursor.bytes.length - cursor.at)) throw new Error('a length beyond the end');
  return count;
}

function value(cursor: Cursor, type: number, depth: number): ThriftValue {
  if (--cursor.budget < 0) throw new Error('too many values');
  switch (type) {
    case 3: // 8-bit integer
      return (byte(cursor) << 24) >> 24;
    case 4:
    case 5:
    case 6: // 16-, 32- and 64-bit integers
      return zigzag(cursor);
    case 7: // double: nothing here needs one
      cursor.at += length(cursor, 8);
      return 0;
    case 8: {
      const size = length(cursor, varint(cursor));
      cursor.at += size;
      return cursor.bytes.subarray(cursor.at - size, cursor.at);
    }
    case 9: {
      const head = byte(cursor);
      const count = length(cursor, head >> 4 === 15 ? varint(cursor) : head >> 4);
      const items: ThriftValue[] = [];
      for (let i = 0; i < count; i++) {
        const bool = (head & 15) === 1 || (head & 15) === 2;
        items.push(bool ? byte(cursor) === 1 : value(cursor, head & 15, depth + 1));
      }
      return items;
    }
    case 12:
      return readStruct(cursor, depth + 1);
    default:
      throw new Error(`unknown type ${type}`);
  }
}

/** Reads one structure and leaves the cursor after it. Throws Error when the bytes are not one. */
export function readStruct(cursor: Cursor, depth = 0): ThriftStruct {
  if (depth > DEEPEST) throw new Error('nested too deeply');
  const fields: ThriftStruct = new Map();
  let id = 0;
  for (;;) {
    const head = byte(cursor);
    const type = head & 15;
    if (type === 0) return fields;
    id = head >> 4 === 0 ? zigzag(cursor) : id + (head >> 4);
    // In a structure a boolean is its type.
    fields.set(id, type <= 2 ? type === 1 : value(cursor, type, depth));
  }
}

/** Integer field from `min` to 2^53 - 1; a missing one is the fallback, or an error without. */
export function int(fields: ThriftStruct, id: number, name: string, fallback?: number, min = 0): number {
  const found = fields.get(id) ?? fallback;
  if (typeof found !== 'number' || !(Number.isSafeInteger(found) && found >= min)) {
    throw new Error(`${name} must be a whole number of at least ${min}, got ${String(found)}`);
  }
  return found;
}

/** Structure field. */
export function struct(fields: ThriftStruct, id: number, name: string): ThriftStruct {
  const found = fields.get(id);
  if (!(found instanceof Map)) throw new Error(`${name} is missing`);
  return found;
}

/** Field that is a list of structures. */
export function structs(fields: ThriftStruct, id: number, name: string): ThriftStruct[] {
  const found = fields.get(id);
  if (!(Array.isArray(found) && found.every((item) => item instanceof Map))) {
    throw new Error(`${name} must be a list of structures`);
  }
  return found as ThriftStruct[];
}

/** Binary field as text. */
export function text(found: ThriftValue | undefined, name: string): string {
  if (!(found instanceof Uint8Array)) throw new Error(`${name} must be text`);
  return new TextDecoder().decode(found);
}
