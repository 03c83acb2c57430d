import { numbers, object } from '../check.ts';

/** Ages at which each signal was seen, in the order of `names`; Infinity, which is never, for those not given. */
export function signalAges(
  given: Readonly<Record<string, ArrayLike<number>>>,
  names: readonly string[],
  rows: number,
): ArrayLike<number>[] {
  object(given, 'signals', 'an object of ages by the name of the signal');
  const lists = new Map<string, ArrayLike<number>>();
  for (const [name, ages] of Object.entries(given)) {
    if (!names.includes(name)) {
      throw new RangeError(`no signal is named ${name}; there are ${names.join(', ') || 'none'}`);
    }
    lists.set(name, numbers(ages, `signal ${name}`, rows, 'a number (NaN for never)'));
  }
  return names.map((name) => lists.get(name) ?? new Float64Array(rows).fill(Infinity));
}
