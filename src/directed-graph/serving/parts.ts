import type { Reason, ReasonKind } from './reasons.ts';

/** A contribution before it is one of the strongest or joins the rest. */
export interface Part {
  readonly kind: ReasonKind;
  readonly node?: number;
  readonly value: number;
}

/** The `most` strongest parts, those of one kind and item added up, and the rest as one. */
export function reasonsOf(parts: readonly Part[], most: number, idOf: (node: number) => string): Reason[] {
  const { all, others } = apart(merged(parts));
  const total = all.reduce((sum, { value }) => sum + Math.abs(value), 0);
  const share = (size: number, count: number) => (total > 0 ? size / total : count / all.length);
  const top = strongest(all, most);
  const reasons: Reason[] = top.map(({ kind, node, value }) => ({
    kind,
    ...(node === undefined ? {} : { node, id: idOf(node) }),
    contribution: value,
    share: share(Math.abs(value), 1),
  }));
  if (top.length === all.length) return [...reasons, ...others];
  const shown = new Set(top);
  const rest = all.filter((part) => !shown.has(part));
  const size = rest.reduce((sum, { value }) => sum + Math.abs(value), 0);
  const contribution = rest.reduce((sum, { value }) => sum + value, 0);
  reasons.push({ kind: 'rest', contribution, share: share(size, rest.length) });
  return [...reasons, ...others];
}

/** The part that is the same for every answer, as a reason without a share, apart from those that have one. */
function apart(parts: readonly Part[]): { all: Part[]; others: Reason[] } {
  const all = parts.filter(({ kind }) => kind !== 'others');
  const same = parts.filter(({ kind }) => kind === 'others');
  return { all, others: same.map(({ kind, value }) => ({ kind, contribution: value, share: 0 })) };
}

/** Parts of one kind and item added up, in the order in which they first came. */
function merged(parts: readonly Part[]): Part[] {
  const places = new Map<ReasonKind, Map<number, number>>();
  const all: { kind: ReasonKind; node?: number; value: number }[] = [];
  for (const { kind, node = -1, value } of parts) {
    let ofKind = places.get(kind);
    if (!ofKind) places.set(kind, (ofKind = new Map()));
    const at = ofKind.get(node);
    if (at !== undefined) all[at].value += value;
    else ofKind.set(node, all.push({ kind, ...(node < 0 ? {} : { node }), value }) - 1);
  }
  return all;
}

/** The `most` of largest size, in falling order; of equals the earlier. */
function strongest(parts: readonly Part[], most: number): Part[] {
  const best: Part[] = [];
  for (const part of parts) {
    const size = Math.abs(part.value);
    if (best.length === most && (most === 0 || size <= Math.abs(best[most - 1].value))) continue;
    let at = best.length < most ? best.push(part) - 1 : most - 1;
    for (; at > 0 && Math.abs(best[at - 1].value) < size; at--) best[at] = best[at - 1];
    best[at] = part;
  }
  return best;
}
