import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = process.env.FLETCHING_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** The folder of a real data set, or undefined when it is not on this machine. */
export function dataset(name: string): string | undefined {
  const folder = `${root}/${name}`;
  return existsSync(folder) ? folder : undefined;
}

const tables = new Map<string, { header: string[]; rows: string[][] }>();

/** A gzip CSV with a header line; fields may be quoted. Kept, because several tests read the same files. */
function table(path: string): { header: string[]; rows: string[][] } {
  let found = tables.get(path);
  if (found === undefined) {
    const lines = gunzipSync(readFileSync(path)).toString('utf8').replace(/\r/g, '').trimEnd().split('\n');
    const fields = (line: string) =>
      line.includes('"')
        ? [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
            ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
          )
        : line.split(',');
    const [header, ...rows] = lines.map(fields);
    found = { header, rows };
    tables.set(path, found);
  }
  return found;
}

/** Columns of a gzip CSV as text. Throws when the file has no such column. */
export function texts<N extends string>(path: string, names: readonly N[]): Record<N, string[]> {
  const { header, rows } = table(path);
  const at = names.map((name) => {
    if (!header.includes(name)) throw new Error(`${path} has no column ${name}`);
    return [name, rows.map((row) => row[header.indexOf(name)])] as const;
  });
  return Object.fromEntries(at) as Record<N, string[]>;
}

/** Columns of a gzip CSV as numbers; an empty field is NaN. */
export function columns<N extends string>(path: string, names: readonly N[]): Record<N, Float64Array> {
  const words = texts(path, names);
  const numbers = names.map(
    (name) => [name, Float64Array.from(words[name], (w) => (w === '' ? NaN : +w))] as const,
  );
  return Object.fromEntries(numbers) as Record<N, Float64Array>;
}
