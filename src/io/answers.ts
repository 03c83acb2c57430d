import { type Columns, encodeParquet } from './parquet-writer.ts';

/** One item and what follows it, best first: what `recommendAll` yields. */
export interface AnsweredItem {
  readonly id: string;
  readonly recommendations: readonly {
    readonly id: string;
    readonly score: number;
    /** Whether the data already show it to follow. */
    readonly known: boolean;
    /** What answered: the model, or counts. */
    readonly source: string;
  }[];
}

/** A write for each line would cost more than making it. */
const PIECE = 65_536;
/** Answers held for a row group of Parquet. */
const GROUP = 50_000;

/** A JSON line an item, `{"item":...,"recommendations":[{"id","score","known","source"}]}`, in pieces of about 64 kB. */
export function answersToJsonl(answers: AsyncIterable<AnsweredItem>): AsyncGenerator<string> {
  return inPieces(answers, ({ id, recommendations }) => {
    const list = recommendations.map(({ id, score, known, source }) => ({ id, score, known, source }));
    return `${JSON.stringify({ item: id, recommendations: list })}\n`;
  });
}

/** A row an answer, `item,rank,related,score,known,source` under a header; an item without answers has no row. */
export async function* answersToCsv(answers: AsyncIterable<AnsweredItem>): AsyncGenerator<string> {
  yield 'item,rank,related,score,known,source\n';
  yield* inPieces(answers, ({ id, recommendations }) =>
    recommendations
      .map((a, i) => `${cell(id)},${i + 1},${cell(a.id)},${a.score},${a.known},${cell(a.source)}\n`)
      .join(''),
  );
}

/** The same rows as Parquet, Snappy, in row groups of 50,000, each yielded as it is full. */
export function answersToParquet(answers: AsyncIterable<AnsweredItem>): AsyncGenerator<Uint8Array> {
  const empty = () => ({
    item: [] as string[],
    rank: [] as number[],
    related: [] as string[],
    score: [] as number[],
    known: [] as boolean[],
    source: [] as string[],
  });
  async function* groups(): AsyncGenerator<Columns> {
    let columns = empty();
    for await (const { id, recommendations } of answers) {
      for (const [i, answer] of recommendations.entries()) {
        columns.item.push(id);
        columns.rank.push(i + 1);
        columns.related.push(answer.id);
        columns.score.push(answer.score);
        columns.known.push(answer.known);
        columns.source.push(answer.source);
        if (columns.item.length === GROUP) {
          yield columns;
          columns = empty();
        }
      }
    }
    if (columns.item.length > 0) yield columns;
  }
  const types = {
    item: 'STRING',
    rank: 'INT32',
    related: 'STRING',
    score: 'DOUBLE',
    known: 'BOOLEAN',
    source: 'STRING',
  } as const;
  return encodeParquet(types, groups());
}

const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

async function* inPieces<T>(items: AsyncIterable<T>, text: (item: T) => string): AsyncGenerator<string> {
  let piece = '';
  for await (const item of items) {
    piece += text(item);
    if (piece.length > PIECE) {
      yield piece;
      piece = '';
    }
  }
  if (piece.length > 0) yield piece;
}
