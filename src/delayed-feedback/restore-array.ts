/** Copies saved numbers into an array of the same length. RangeError naming it for another length or a number that is not finite. */
export function restoreArray<T extends Float64Array | Float32Array>(
  to: T,
  from: unknown,
  name: string,
): void {
  if (!(from instanceof (to.constructor as Float64ArrayConstructor) && from.length === to.length)) {
    throw new RangeError(`${name} must be ${to.constructor.name}(${to.length})`);
  }
  const at = from.findIndex((x) => !(Math.abs(x) <= 1e30));
  if (at >= 0) throw new RangeError(`${name}[${at}] must be within 1e30, got ${from[at]}`);
  to.set(from);
}
