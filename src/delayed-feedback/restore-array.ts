/**
 * Copies saved numbers into an array of the same length. RangeError naming it for another length, a number that is not
 * finite, or one below `least`.
 */
export function restoreArray<T extends Float64Array | Float32Array>(
  to: T,
  from: unknown,
  name: string,
  least = -1e30,
): void {
  if (!(from instanceof (to.constructor as Float64ArrayConstructor) && from.length === to.length)) {
    throw new RangeError(`${name} must be ${to.constructor.name}(${to.length})`);
  }
  const at = from.findIndex((x) => !(x >= least && x <= 1e30));
  if (at >= 0) throw new RangeError(`${name}[${at}] must be from ${least} to 1e30, got ${from[at]}`);
  to.set(from);
}
