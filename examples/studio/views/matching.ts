import type { ShopItem } from '../jobs.ts';

/** Options offered at once. */
const OFFERED = 12;

/** Products whose name or id holds every word; those that begin with the text first, then those with more pairs. */
export function matching(items: readonly ShopItem[], query: string): number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = words.join(' ');
  const hits: { node: number; begins: boolean; pairs: number }[] = [];
  items.forEach(({ id, name, out, in: into }, node) => {
    const [a, b] = [name.toLowerCase(), id.toLowerCase()];
    if (!words.every((word) => a.includes(word) || b.includes(word))) return;
    hits.push({ node, begins: a.startsWith(whole) || b.startsWith(whole), pairs: out + into });
  });
  hits.sort((a, b) => Number(b.begins) - Number(a.begins) || b.pairs - a.pairs || a.node - b.node);
  return hits.slice(0, OFFERED).map(({ node }) => node);
}
