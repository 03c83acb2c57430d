import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = new URL('../', import.meta.url);
const source = (path: string) => pathToFileURL(new URL(path, root).pathname).href;

/** What an example prints when it is run on the sources. */
function printed(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fletching-example-'));
  try {
    const file = join(folder, 'example.mts');
    const code = readFileSync(new URL(`examples/${name}`, root), 'utf8')
      .replace("from 'fletching/simulate'", `from '${source('src/simulate/index.ts')}'`)
      .replace("from 'fletching'", `from '${source('src/index.ts')}'`);
    writeFileSync(file, code);
    const loader = source('node_modules/tsx/dist/loader.mjs');
    return execFileSync(process.execPath, ['--import', loader, file], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('decide: delay-corrected labels, a calibrated probability and a policy that keeps its bound', () => {
  const text = printed('decide.mjs');
  const found = (pattern: RegExp) => (pattern.exec(text) ?? []).slice(1).map(Number);
  const [expected, real] = found(/Of the open ones (\d+) are expected to be bought, (\d+) will be/);
  assert.ok(real > 200 && Math.abs(expected - real) < 0.3 * real, `${expected} expected, ${real} bought`);
  const [bought, corrected, naive] = found(
    /, ([\d.]+) % are bought; .* say ([\d.]+) %, .* as they look ([\d.]+) %/,
  );
  assert.ok(Math.abs(corrected - bought) < Math.abs(naive - bought), `${bought}: ${corrected}, ${naive}`);
  const [right, recall, , plain] = found(
    /([\d.]+) % of these are bought, and they are ([\d.]+) % .*: ([\d.]+) % and ([\d.]+) %/,
  );
  assert.ok(right >= 25, `the bound of 25 % is kept: ${right}`);
  assert.ok(recall > plain, `${recall} with the uncertainty, ${plain} without`);
  assert.match(text, /\n {2}show {9}/);
  assert.match(text, /\n {2}show nothing /);
});

test.run();
