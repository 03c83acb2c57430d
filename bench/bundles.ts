import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Plugin, type Rolldown } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a page imports of the built package. */
export interface Program {
  entry: string;
  /** Everything the entry has when absent. */
  names?: string[];
  /** The modules that its calls import on demand; all that the entry can when absent. */
  calls?: string[];
}

/** Programs by what the README calls them: each entry whole, and what a program of each room really names and calls. */
export const PROGRAMS: Record<string, Program> = {
  'everything: `fletching`': { entry: 'index' },
  'one room: `fletching/directed-graph`': { entry: 'directed-graph' },
  'one room: `fletching/delayed-feedback`': { entry: 'delayed-feedback' },
  'one room: `fletching/uncertainty`': { entry: 'uncertainty' },
  '`DirectedGraph`, `RelatedProducts.fit`, `encodeModel`': {
    entry: 'directed-graph',
    names: ['Engine', 'DirectedGraph', 'RelatedProducts', 'encodeModel'],
    calls: ['directed-graph/recommender', 'directed-graph/fit', 'model-file'],
  },
  '`decodeModel`, and answers': {
    entry: 'directed-graph',
    names: ['Engine', 'decodeModel'],
    calls: ['model-file'],
  },
  '`ConversionLog`, `DelayedFeedbackClassifier.fit`, and predictions': {
    entry: 'delayed-feedback',
    names: ['Engine', 'ConversionLog', 'DelayedFeedbackClassifier'],
    calls: ['delayed-feedback/classifier', 'delayed-feedback/learn-state'],
  },
  '`fitBoundary`, and decisions': {
    entry: 'uncertainty',
    names: ['Engine', 'fitBoundary'],
    calls: ['uncertainty/boundary'],
  },
  '`ThresholdPolicy`: decisions without an engine': {
    entry: 'uncertainty',
    names: ['ThresholdPolicy'],
    calls: [],
  },
  '`Engine`': { entry: 'engine', names: ['Engine'], calls: [] },
};

/** Bytes on the wire, each file gzipped by itself. */
export interface Size {
  /** What is loaded before the program's first line. */
  first: number;
  /** The same and what its calls load. */
  all: number;
}

/** Gives the module `program`, which is no file. */
export const programOf = (code: string): Plugin => ({
  name: 'program',
  resolveId: (id) => (id === 'program' ? '\0program' : undefined),
  load: (id) => (id === '\0program' ? code : undefined),
});

/** A program over dist as Vite builds it for a page, minified and split. */
export async function bundleSize({ entry, names, calls }: Program): Promise<Size> {
  const from = JSON.stringify(join(root, `dist/${entry}.js`));
  const { output } = (await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [programOf(`export ${names ? `{ ${names.join(', ')} }` : '*'} from ${from};`)],
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: 'program', preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = output.filter((file) => file.type === 'chunk');
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  /** Bytes of chunks with all that they import at once. */
  const bytes = (roots: Rolldown.OutputChunk[]): number => {
    const loaded = new Set(roots);
    for (const { imports } of loaded) for (const name of imports) loaded.add(byName.get(name)!);
    return [...loaded].reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  };
  const first = chunks.filter((chunk) => chunk.isEntry);
  const called = calls?.map((call) => {
    const module = join(root, `dist/${call}.js`);
    const chunk = chunks.find(({ moduleIds }) => moduleIds.includes(module));
    if (!chunk) throw new Error(`no part of ${entry} holds ${call}`);
    return chunk;
  });
  return { first: bytes(first), all: bytes([...first, ...(called ?? chunks)]) };
}

/** The raw kernels, as they are and gzipped. */
export function kernelSize(name: 'kernels.wasm' | 'kernels.threads.wasm'): { raw: number; gzip: number } {
  const bytes = readFileSync(join(root, 'dist', name));
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}
