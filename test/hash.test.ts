import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../src/hash.ts';

test('SHA-256 over the bytes, each part preceded by its length in eight bytes', async () => {
  const bytes = [3, 0, 0, 0, 0, 0, 0, 0, 97, 98, 99, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0];
  const expected = createHash('sha256').update(Uint8Array.from(bytes)).digest('hex');
  assert.is(await sha256(['abc', Uint8Array.of(0, 1, 2).subarray(1), undefined]), expected);
});

test('a page without Web Crypto is told where it has it', async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
  try {
    const error = await sha256([]).catch((reason: Error) => reason);
    assert.match(String(error), /by https and on localhost only/);
  } finally {
    Object.defineProperty(globalThis, 'crypto', own);
  }
});

test.run();
