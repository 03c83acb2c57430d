import { areaY, gridY, lineY, plot } from '@observablehq/plot';
import { short } from '../../../src/report/format.ts';

/** Points drawn; of more, evenly chosen ones, so that a long training stays quick to draw. */
const MOST = 300;
/** Pixels: by scaling alone, text would be too small on a phone. */
const [WIDE, NARROW] = [1080, 330];
const phone = matchMedia('(max-width: 48rem)');

/** The loss so far as a picture; it is drawn anew several times a second. */
export function lossCurve(
  losses: readonly (readonly [step: number, loss: number])[],
  label: string,
): Element {
  const step = Math.max(1, Math.ceil(losses.length / MOST));
  const points = losses.filter((_, i) => i % step === 0 || i === losses.length - 1);
  const low = points.reduce((least, [, loss]) => Math.min(least, loss), Infinity);
  const width = phone.matches ? NARROW : WIDE;
  const picture = plot({
    width,
    height: 200,
    marginLeft: 48,
    marginBottom: 36,
    x: { label: 'step', labelAnchor: 'center', labelArrow: 'none', ticks: width / 120, tickFormat: short },
    y: { label: null, nice: true, ticks: 4, tickFormat: short },
    marks: [
      gridY({ ticks: 4, strokeOpacity: 0.16 }),
      areaY(points, { x: '0', y1: low, y2: '1', fill: 'var(--series-1)', fillOpacity: 0.1 }),
      lineY(points, { x: '0', y: '1', stroke: 'var(--series-1)', strokeWidth: 2.25 }),
    ],
  });
  for (const style of picture.querySelectorAll('style')) style.remove();
  for (const group of picture.querySelectorAll('[aria-label]')) group.removeAttribute('aria-label');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', label);
  picture.removeAttribute('font-family');
  picture.removeAttribute('font-size');
  return picture;
}
