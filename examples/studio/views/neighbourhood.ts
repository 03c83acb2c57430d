import { html, nothing, svg } from 'lit-html';
import { short } from '../../../src/report/format.ts';
import { shortened } from '../../../src/report/markup.ts';
import type { Neighbour } from '../jobs.ts';
import { address } from '../state.ts';
import { checkField } from './fields.ts';
import { idOf, nameOf } from './model.ts';
import type { View } from './parts.ts';

/** A box with a product in it. */
interface Box {
  readonly node: number;
  readonly x: number;
  readonly y: number;
  readonly kind: 'centre' | 'near' | 'far' | 'new';
}

/** An arrow between boxes; the heavier the pair, the wider. */
interface Arrow {
  readonly from: Box;
  readonly to: Box;
  readonly weight: number;
  readonly kind: 'near' | 'far' | 'new';
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly box: { readonly width: number; readonly height: number };
  /** Characters that a box has room for. */
  readonly room: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly upright: boolean;
}

/** Suggestions of the model that no pair shows yet. */
const SUGGESTED = 3;

let twoSteps = false;

/** The pairs around a product: what leads to it, what it leads to, and dashed what only the model suggests. */
export function neighbourhoodView(
  node: number,
  before: readonly Neighbour[],
  after: readonly Neighbour[],
  suggested: readonly number[],
): View {
  if (before.length + after.length + suggested.length === 0) return nothing;
  const news = suggested.filter((v) => !after.some((one) => one.node === v)).slice(0, SUGGESTED);
  const about = `${before.length} products lead to ${nameOf(node)}, and it leads to ${after.length}; the lists above say which.`;
  return html`<figure class="chart around">
    <figcaption>The pairs around ${nameOf(node)}</figcaption>
    <p>
      Arrows are pairs in the data, the wider the more often seen, at most six on each side; dashed is what the model suggests
      and no pair shows yet. Choose a product to go there.
    </p>
    ${checkField({ label: 'Two steps', about: '' }, twoSteps, (two) => {
      twoSteps = two;
    })}
    ${picture(lying(node, before, after, news, twoSteps), 'wide', about)}
    ${picture(upright(node, before, after, news), 'narrow', about)}
  </figure>`;
}

/** From left to right, for wide pages. */
function lying(
  node: number,
  before: readonly Neighbour[],
  after: readonly Neighbour[],
  news: readonly number[],
  far: boolean,
): Layout {
  const width = 1000;
  const box = { width: far ? 168 : 230, height: 34 };
  const right = [
    ...after.map((one) => ({ ...one, kind: 'near' as const })),
    ...news.map((v) => ({ node: v, weight: 0, next: [], kind: 'new' as const })),
  ];
  const rows = (list: readonly { next: Neighbour['next'] }[]) =>
    list.reduce((sum, { next }) => sum + (far ? Math.max(1, next.length) : 1), 0);
  const step = 46;
  const height = Math.max(rows(before), rows(right), 2) * step + 16;
  const centre: Box = { node, x: width / 2, y: height / 2, kind: 'centre' };
  const [nearX, farX] = far ? [width / 2 - 208, box.width / 2] : [box.width / 2, 0];
  const boxes: Box[] = [centre];
  const arrows: Arrow[] = [];
  const place = (
    list: readonly (Omit<Neighbour, 'next'> & { next: Neighbour['next']; kind: 'near' | 'new' })[],
    side: -1 | 1,
  ) => {
    const mirror = (x: number) => (side < 0 ? x : width - x);
    const link = (inner: Box, outer: Box, weight: number, kind: Arrow['kind']) =>
      arrows.push(
        side < 0 ? { from: outer, to: inner, weight, kind } : { from: inner, to: outer, weight, kind },
      );
    let y = height / 2 - (rows(list) * step) / 2;
    for (const { node: v, weight, next, kind } of list) {
      const beyond = far ? next : [];
      const tall = Math.max(1, beyond.length) * step;
      const one: Box = { node: v, x: mirror(nearX), y: y + tall / 2, kind };
      boxes.push(one);
      link(centre, one, weight, kind);
      beyond.forEach((two, i) => {
        const outer: Box = { node: two.node, x: mirror(farX), y: y + (i + 0.5) * step, kind: 'far' };
        boxes.push(outer);
        link(one, outer, two.weight, 'far');
      });
      y += tall;
    }
  };
  place(
    before.map((one) => ({ ...one, kind: 'near' as const })),
    -1,
  );
  place(right, 1);
  return { width, height, box, room: far ? 20 : 29, boxes, arrows, upright: false };
}

/** From top to bottom in two columns, for a phone. */
function upright(
  node: number,
  before: readonly Neighbour[],
  after: readonly Neighbour[],
  news: readonly number[],
): Layout {
  const width = 360;
  const box = { width: 168, height: 32 };
  const step = 42;
  const lines = (n: number) => Math.ceil(n / 2);
  const right = [
    ...after.map(({ node, weight }) => ({ node, weight, kind: 'near' as const })),
    ...news.map((v) => ({ node: v, weight: 0, kind: 'new' as const })),
  ];
  const top = lines(before.length) * step;
  const gap = 56;
  const middle = (before.length > 0 ? top + gap : 0) + box.height / 2 + 2;
  const below = middle + box.height / 2 + gap;
  const centre: Box = { node, x: width / 2, y: middle, kind: 'centre' };
  const at = (i: number, from: number) => ({
    x: i % 2 === 0 ? box.width / 2 + 2 : width - box.width / 2 - 2,
    y: from + Math.floor(i / 2) * step,
  });
  const above = before.map(
    ({ node: v }, i): Box => ({ node: v, kind: 'near', ...at(i, box.height / 2 + 2) }),
  );
  const under = right.map(
    ({ node: v, kind }, i): Box => ({ node: v, kind, ...at(i, below + box.height / 2) }),
  );
  return {
    width,
    height: right.length > 0 ? below + lines(right.length) * step : middle + box.height,
    box,
    room: 21,
    boxes: [centre, ...above, ...under],
    arrows: [
      ...above.map((from, i): Arrow => ({ from, to: centre, weight: before[i].weight, kind: 'near' })),
      ...under.map((to, i): Arrow => ({ from: centre, to, weight: right[i].weight, kind: right[i].kind })),
    ],
    upright: true,
  };
}

function picture(layout: Layout, name: 'wide' | 'narrow', about: string): View {
  const { width, height, boxes, arrows } = layout;
  const most = arrows.reduce((top, { weight }) => Math.max(top, weight), 1);
  return html`<svg class="${name} neighbourhood" viewBox="0 0 ${width} ${height}" role="group" aria-label=${about}>
    <defs>
      ${(['near', 'far', 'new'] as const).map(
        (kind) =>
          svg`<marker id="${name}-${kind}" class=${kind} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5 8 4 0 7.5z" /></marker>`,
      )}
    </defs>
    ${arrows.map((arrow) => arrowView(arrow, layout, name, most))} ${boxes.map((one) => boxView(one, layout))}
  </svg>`;
}

function arrowView({ from, to, weight, kind }: Arrow, { box, upright }: Layout, name: string, most: number) {
  const thick = kind === 'new' ? 1.75 : 1.25 + 3.25 * Math.sqrt(weight / most);
  let path: string;
  if (upright) {
    const [y1, y2] = [from.y + box.height / 2, to.y - box.height / 2 - 1];
    const middle = (y1 + y2) / 2;
    path = `M${from.x} ${y1}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${y2}`;
  } else {
    const [x1, x2] = [from.x + box.width / 2, to.x - box.width / 2 - 1];
    const middle = (x1 + x2) / 2;
    path = `M${x1} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${x2} ${to.y}`;
  }
  return svg`<path class="arrow ${kind}" d=${path} stroke-width=${thick.toFixed(2)} marker-end="url(#${name}-${kind})"><title>${
    weight > 0
      ? `${nameOf(from.node)} leads to ${nameOf(to.node)}, seen ${short(weight)} times`
      : `suggested: ${nameOf(to.node)}`
  }</title></path>`;
}

function boxView({ node, x, y, kind }: Box, { box, room }: Layout) {
  const inside = svg`<title>${nameOf(node)}</title><rect x=${x - box.width / 2} y=${y - box.height / 2} width=${box.width} height=${box.height} rx="8" /><text x=${x} y=${y} dy="0.35em" text-anchor="middle">${shortened(nameOf(node), kind === 'centre' ? room - 2 : room)}</text>`;
  return kind === 'centre'
    ? svg`<g class="box centre">${inside}</g>`
    : svg`<a class="box ${kind}" href=${address('related', idOf(node))}>${inside}</a>`;
}
