const WHOLE = /^(?:0|[1-9]\d{0,14})$/;

/** Ids in the order of their numbers, and for each code of a dictionary its number. */
export interface Numbering {
  readonly ids: readonly string[];
  readonly rank: Uint32Array;
}

/**
 * Numbers that do not depend on the order of the rows: by size when every id is a plain whole number (so that dense
 * ids 0, 1, 2 ... keep their own), otherwise by UTF-16 unit.
 */
export function numbering(ids: readonly string[]): Numbering {
  const order = Array.from(ids.keys());
  if (ids.every((id) => WHOLE.test(id))) {
    const numbers = Float64Array.from(ids, Number);
    order.sort((a, b) => numbers[a] - numbers[b]);
  } else {
    order.sort((a, b) => (ids[a] < ids[b] ? -1 : 1));
  }
  const rank = new Uint32Array(ids.length);
  order.forEach((code, number) => {
    rank[code] = number;
  });
  return { ids: order.map((code) => ids[code]), rank };
}

/** Codes as numbers. */
export const ranked = (codes: Int32Array, { rank }: Numbering): Uint32Array =>
  Uint32Array.from(codes, (code) => rank[code]);
