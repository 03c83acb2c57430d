import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * What the page may do, enforced by the browser: code and styles from its own folder, WebAssembly, and no request at all
 * once it is loaded. Charts carry style attributes. The workers' code stands inside the page's and is started from a blob:
 * such a worker is bound by this policy, one from a file of its own would not be.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  'worker-src blob:',
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The policy as a tag of the built page; while developing, the server's own scripts would break it. */
const policy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig({
  root: here('.'),
  // Addresses relative to the page: the folder works wherever it is put.
  base: './',
  // The report's charts are drawn on linkedom where there is no document; here there is one.
  resolve: { alias: { linkedom: here('./page-document.ts') } },
  // Asked for by the command line's words alone.
  define: { 'process.env.npm_command': '""' },
  // In one piece each: a worker that is started from a blob has no folder to import parts from.
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
  plugins: [policy],
  build: {
    outDir: here('../../build/studio'),
    emptyOutDir: true,
    target: 'es2022',
    // Browsers that need it have no SIMD.
    modulePreload: { polyfill: false },
    // The workers' code and the kernels stand in the one file, of which a third is left when packed.
    chunkSizeWarningLimit: 2000,
  },
});
