/** Plain twin of assembly/uncertainty/isotonic.ts. */

/** Bins [from, to) under one value. */
interface Block {
  positives: number;
  weight: number;
  from: number;
  to: number;
}

const mean = (block: Block) => (block.weight > 0 ? block.positives / block.weight : 0);
const join = (high: Block, low: Block): Block => ({
  positives: low.positives + high.positives,
  weight: low.weight + high.weight,
  from: low.from,
  to: high.to,
});

export function isotonic(
  fit: Float64Array,
  positives: Float64Array,
  weight: Float64Array,
  _scratch: unknown,
  n: number,
  least: number,
): number {
  // Runs of enough weight from the highest bin down; what is left at the low end joins the lowest run.
  const runs: Block[] = [];
  let open: Block | undefined;
  for (let i = n - 1; i >= 0; i--) {
    const bin = { positives: positives[i], weight: weight[i], from: i, to: i + 1 };
    open = open ? join(open, bin) : bin;
    if (open.weight >= least && open.weight > 0) {
      runs.push(open);
      open = undefined;
    }
  }
  if (open) runs.push(runs.length > 0 ? join(runs.pop() as Block, open) : open);
  // Blocks of falling mean from the top: each new one swallows what it is not below.
  const blocks: Block[] = [];
  for (let block of runs) {
    while (blocks.length > 0 && mean(blocks[blocks.length - 1]) <= mean(block)) {
      block = join(blocks.pop() as Block, block);
    }
    blocks.push(block);
  }
  for (const block of blocks) fit.fill(mean(block), block.from, block.to);
  return blocks.some((block) => block.weight > 0) ? blocks.length : 0;
}
