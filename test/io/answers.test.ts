import { parquetReadObjects } from 'hyparquet';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnsweredItem,
  answersToCsv,
  answersToJsonl,
  answersToParquet,
  readTable,
} from '../../src/io/index.ts';
import { encodeParquet } from '../../src/io/parquet-writer.ts';

const STRANGE = ['plain', 'a,b', 'say "hi"', 'two\nlines', '\u0000', '‮drow', '日本語 🎧', '=1+1', ''];
const answer = (id: string, i: number) => ({ id, score: 1 / 3 - i, known: i % 2 === 0, source: 'model' });
const itemsOf = (ids: readonly string[]): AnsweredItem[] =>
  ids.map((id, i) => ({ id, recommendations: ids.slice(0, i).map(answer) }));
const items = itemsOf(STRANGE);

async function* streamed<T>(list: Iterable<T>): AsyncGenerator<T> {
  yield* list;
}

async function gathered(parts: AsyncIterable<string | Uint8Array>): Promise<Uint8Array> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(all);
}

const rowsOf = (list: readonly AnsweredItem[]) =>
  list.flatMap(({ id, recommendations }) =>
    recommendations.map(({ id: related, ...rest }, i) => ({ item: id, rank: i + 1, related, ...rest })),
  );

test('JSON lines hold an object an item, also one without answers', async () => {
  const bytes = await gathered(answersToJsonl(streamed(items)));
  const lines = bytes.toString().trimEnd().split('\n');
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    items.map(({ id, recommendations }) => ({ item: id, recommendations })),
  );
});

const schema = {
  item: { type: 'text' },
  rank: { type: 'f64' },
  related: { type: 'text' },
  score: { type: 'f64' },
  known: { type: 'text' },
  source: { type: 'category' },
} as const;

for (const [format, write] of Object.entries({ csv: answersToCsv, parquet: answersToParquet } as const)) {
  test(`${format}: a row an answer, as our reader reads it back, strange ids too`, async () => {
    // A NUL can be in an id, but in no text file that our reader takes.
    const told = format === 'csv' ? itemsOf(STRANGE.filter((id) => id !== '\u0000')) : items;
    const bytes = await gathered(write(streamed(told)));
    const input = { name: `answers.${format}`, bytes: streamed([bytes]), size: bytes.length };
    const { columns } = await readTable(input, schema, {});
    const read = Array.from(columns.item, (item, i) => ({
      item,
      rank: columns.rank[i],
      related: columns.related[i],
      score: columns.score[i],
      known: columns.known[i] === 'true',
      source: columns.source[i],
    }));
    assert.equal(read, rowsOf(told));
  });
}

test('Parquet is read by hyparquet, with its types', async () => {
  const bytes = await gathered(answersToParquet(streamed(items)));
  const file = new Uint8Array(bytes).buffer;
  assert.equal(await parquetReadObjects({ file }), rowsOf(items));
});

test('no answers at all are a header, or a file of no rows', async () => {
  const none = () => streamed<AnsweredItem>([{ id: 'x', recommendations: [] }]);
  assert.is((await gathered(answersToCsv(none()))).toString(), 'item,rank,related,score,known,source\n');
  const file = new Uint8Array(await gathered(answersToParquet(none()))).buffer;
  assert.equal(await parquetReadObjects({ file }), []);
  assert.is((await gathered(answersToJsonl(streamed([])))).length, 0);
});

test('20,000 items are written as they come: few answers are held, and every row arrives', async () => {
  const count = 20_000;
  const each = 10;
  for (const write of [answersToJsonl, answersToCsv, answersToParquet]) {
    let made = 0;
    let most = 0;
    let parts = 0;
    let taken = 0;
    async function* many(): AsyncGenerator<AnsweredItem> {
      for (let i = 0; i < count; i++) {
        made += each;
        const list = Array.from({ length: each }, (_, j) => answer(`item ${(i * 31 + j) % count}`, j));
        yield { id: `item ${i}`, recommendations: list };
      }
    }
    const kept: Buffer[] = [];
    for await (const part of write(many())) {
      parts++;
      most = Math.max(most, made - taken);
      taken = made;
      kept.push(Buffer.from(part as Uint8Array));
    }
    assert.ok(most <= 50_000 + each, `${most} answers held of ${count * each}`);
    assert.ok(parts >= 4);
    const bytes = new Uint8Array(Buffer.concat(kept));
    if (write === answersToParquet) {
      const last = await parquetReadObjects({ file: bytes.buffer, rowStart: count * each - 1 });
      assert.is(last.length, 1);
      assert.is(last[0].item, `item ${count - 1}`);
      assert.is(last[0].rank, each);
    } else {
      const lines = bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
      assert.is(lines, write === answersToCsv ? count * each + 1 : count);
    }
  }
});

test('a source that fails ends the stream with its error, and one that is left is closed', async () => {
  for (const write of [answersToJsonl, answersToCsv, answersToParquet]) {
    async function* failing(): AsyncGenerator<AnsweredItem> {
      yield items[3];
      throw new Error('the source broke');
    }
    let message = '';
    await gathered(write(failing())).catch((error: Error) => {
      message = error.message;
    });
    assert.is(message, 'the source broke');
    let closed = false;
    async function* endless(): AsyncGenerator<AnsweredItem> {
      try {
        for (;;)
          yield { id: 'x'.repeat(1000), recommendations: Array.from({ length: 100 }, () => answer('y', 0)) };
      } finally {
        closed = true;
      }
    }
    for await (const _ of write(endless())) break;
    // CSV begins with its header, before the source is asked.
    if (write !== answersToCsv) assert.ok(closed);
  }
});

test('columns of different lengths are refused', async () => {
  let message = '';
  await gathered(encodeParquet({ a: 'INT32', b: 'STRING' }, streamed([{ a: [1, 2], b: ['x'] }]))).catch(
    (error: Error) => {
      message = error.message;
    },
  );
  assert.match(message, /same length/);
});

test.run();
