import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Download, type Page } from 'playwright-core';
import { build } from 'vite';

/** Named by FLETCHING_CHROMIUM; without it the tests of the page are skipped by name. */
const executablePath = process.env.FLETCHING_CHROMIUM ?? '/usr/bin/chromium';
export const hasBrowser = existsSync(executablePath);

const studio = fileURLToPath(new URL('../../examples/studio', import.meta.url));
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** The built page on a host of files, in a browser. */
export interface Studio {
  readonly url: string;
  /** A page that has loaded; requests to any network after that are listed in `requests`. */
  open(size?: { width: number; height: number }, colorScheme?: 'light' | 'dark'): Promise<Opened>;
  close(): Promise<void>;
}

export interface Opened {
  readonly page: Page;
  readonly requests: string[];
  /** What the page logged as an error, or threw. */
  readonly errors: string[];
}

export async function startStudio(): Promise<Studio> {
  const outDir = await mkdtemp(join(tmpdir(), 'fletching-studio-'));
  await build({
    root: studio,
    configFile: join(studio, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
  // In a folder of its own: the page must not count on standing at the root of its host.
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://host').pathname.replace('/shop/', '/');
    const file = path === '/' ? '/index.html' : path;
    const bytes = await readFile(join(outDir, file)).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  const url = `http://127.0.0.1:${address.port}/shop/`;
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  return {
    url,
    async open(viewport = { width: 1280, height: 900 }, colorScheme = 'light') {
      const page = await browser.newPage({ viewport, colorScheme });
      page.setDefaultTimeout(60_000);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await page.goto(url, { waitUntil: 'load' });
      await page.waitForSelector('.hero');
      const requests: string[] = [];
      page.on('request', (request) => {
        // The code of a worker comes out of the page itself.
        if (!request.url().startsWith('blob:')) requests.push(request.url());
      });
      return { page, requests, errors };
    },
    async close() {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

/** The name and bytes of what a click saves. */
export async function saved(page: Page, click: string): Promise<{ name: string; bytes: Uint8Array }> {
  const [download] = await Promise.all<[Promise<Download>, Promise<void>]>([
    page.waitForEvent('download'),
    page.click(click),
  ] as never);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Chooses a file of this text on the first page. */
export async function choose(page: Page, name: string, text: string): Promise<void> {
  await page.setInputFiles('input[type=file]', { name, mimeType: 'text/plain', buffer: Buffer.from(text) });
}

/** Text of all matches, with runs of white space as one space. */
export const texts = async (page: Page, selector: string): Promise<string[]> =>
  (await page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
