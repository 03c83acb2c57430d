import { test } from 'uvu';
import { indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/uncertainty/frontier.ts';

for (const states of LENGTHS) {
  test(`maxPlus of ${states} states`, () => {
    for (const beforeStates of [0, 1, states >> 1, states]) {
      for (const choices of [0, 1, 7]) {
        const before = Float64Array.from(indices(beforeStates, 6, 2));
        if (beforeStates > 2) before[1] = -Infinity;
        const args = [
          new Float64Array(states).fill(3),
          new Float64Array(states).fill(3),
          before,
          Uint32Array.from(indices(choices, states + 3, 3)),
          Float64Array.from(numbers(choices, 4, 0, 5), Math.floor),
          states,
          beforeStates,
          choices,
        ];
        sameAsTwin('maxPlus', twin.maxPlus, args);
      }
    }
  });
}

test.run();
