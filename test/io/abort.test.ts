import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTable } from '../../src/io/index.ts';

test('an abort is noticed while a pipe is idle', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  async function* idle(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('source,target\na,b\n');
    await new Promise(() => {});
  }
  const input = { name: 'pipe.csv', bytes: idle() };
  const schema = { source: { type: 'id' }, target: { type: 'id' } } as const;
  const read = readTable(input, schema, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  assert.is(await read.catch((error: Error) => error), reason);
});

test.run();
