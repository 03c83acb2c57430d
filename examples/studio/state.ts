/** Drawing: whoever changes what is shown calls `refresh`, and the page is drawn once before the next frame. */
let draw: () => void = () => {};
let waiting = false;

export function drawWith(whole: () => void): void {
  draw = whole;
  draw();
}

export function refresh(): void {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

export type PageName = 'start' | 'related' | 'conversions' | 'thresholds';
const PAGES: readonly PageName[] = ['start', 'related', 'conversions', 'thresholds'];

/** The page that the address names, and the id of a product behind it: `#related/orbit-x1-phone`. */
export function place(): { page: PageName; item?: string } {
  const [name, item] = location.hash.slice(1).split('/');
  const page = PAGES.find((one) => one === name) ?? 'start';
  try {
    return { page, item: item === undefined ? undefined : decodeURIComponent(item) };
  } catch {
    return { page };
  }
}

export const address = (page: PageName, item?: string): string =>
  `#${page}${item === undefined ? '' : `/${encodeURIComponent(item)}`}`;

export function go(page: PageName, item?: string): void {
  location.hash = address(page, item);
}
