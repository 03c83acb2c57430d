/** Plain twin of assembly/uncertainty/frontier.ts. */

export function maxPlus(
  out: Float64Array,
  choice: Float64Array,
  before: Float64Array,
  offset: Uint32Array,
  gain: Float64Array,
  states: number,
  beforeStates: number,
  choices: number,
): void {
  for (let m = 0; m < states; m++) {
    out[m] = -Infinity;
    choice[m] = 0;
    for (let c = 0; c < choices; c++) {
      const at = m - offset[c];
      if (at < 0 || at >= beforeStates) continue;
      const found = before[at] + gain[c];
      if (found > out[m]) {
        out[m] = found;
        choice[m] = c;
      }
    }
  }
}
