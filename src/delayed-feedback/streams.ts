/** Philox streams of the room, apart from those of the others (below 512). */
export const STREAM = {
  /** steps drawn by the bootstrap, the resample is the counter's step */
  bootstrap: 512,
} as const;
