import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a page imports of the built package, and from which entry; everything the entry has when no names are given. */
export interface Program {
  entry: string;
  names?: string[];
}

/** Programs by what the README calls them: each entry whole, and what a program of each room really names. */
export const PROGRAMS: Record<string, Program> = {
  'everything: `fletching`': { entry: 'index' },
  'one room: `fletching/directed-graph`': { entry: 'directed-graph' },
  'one room: `fletching/delayed-feedback`': { entry: 'delayed-feedback' },
  'one room: `fletching/uncertainty`': { entry: 'uncertainty' },
  '`Engine, DirectedGraph, RelatedProducts, encodeModel`: train': {
    entry: 'index',
    names: ['Engine', 'DirectedGraph', 'RelatedProducts', 'encodeModel'],
  },
  '`Engine, decodeModel`: answer from a file': { entry: 'index', names: ['Engine', 'decodeModel'] },
  '`Engine, ConversionLog, DelayedFeedbackClassifier`': {
    entry: 'index',
    names: ['Engine', 'ConversionLog', 'DelayedFeedbackClassifier'],
  },
  '`Engine, fitBoundary, ThresholdPolicy`': {
    entry: 'index',
    names: ['Engine', 'fitBoundary', 'ThresholdPolicy'],
  },
  '`ThresholdPolicy`: decide from a policy': { entry: 'index', names: ['ThresholdPolicy'] },
  '`Engine`': { entry: 'engine', names: ['Engine'] },
};

/** Bytes on the wire, each file gzipped by itself. */
export interface Size {
  /** What is loaded before the program's first line. */
  first: number;
  /** Parts that are loaded when they are first called: what training alone needs, and threads. */
  onDemand: number;
}

/** A program over dist as Vite builds it for a page, minified and split. */
export async function bundleSize({ entry, names }: Program): Promise<Size> {
  const from = JSON.stringify(join(root, `dist/${entry}.js`));
  const start = '\0program';
  const { output } = (await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === 'program' ? start : undefined),
        load: (id) =>
          id === start ? `export ${names ? `{ ${names.join(', ')} }` : '*'} from ${from};` : null,
      },
    ],
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: 'program', preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = new Map(
    output.filter((file) => file.type === 'chunk').map((chunk) => [chunk.fileName, chunk]),
  );
  const first = new Set([...chunks.values()].filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  for (const name of first) for (const other of chunks.get(name)!.imports) first.add(other);
  const size = { first: 0, onDemand: 0 };
  for (const file of output) {
    const bytes = gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }).length;
    size[first.has(file.fileName) ? 'first' : 'onDemand'] += bytes;
  }
  return size;
}

/** The raw kernels, as they are and gzipped. */
export function kernelSize(name: 'kernels.wasm' | 'kernels.threads.wasm'): { raw: number; gzip: number } {
  const bytes = readFileSync(join(root, 'dist', name));
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}
