import asc from 'assemblyscript/asc';

/** 13 chains and two constants fill the 15 vector registers V8 has; 13 x (multiply, add) x 4 lanes a line. */
const CHAINS = 13;
const LINES = 8;
const chains = Array.from({ length: CHAINS }, (_, i) => i);

const peakSource = `
export function peak(rounds: i32): f32 {
  const a = f32x4.splat(0.9999), b = f32x4.splat(1e-4);
  let ${chains.map((i) => `s${i} = f32x4.splat(${i})`).join(', ')};
  for (let r = 0; r < rounds; r++) {
    ${chains
      .map((i) => `s${i} = f32x4.add(f32x4.mul(s${i}, a), b);`)
      .join('\n')
      .concat('\n')
      .repeat(LINES)}
  }
  return f32x4.extract_lane(${chains.map((i) => `s${i}`).reduce((x, y) => `f32x4.add(${x}, ${y})`)}, 0);
}`;

const readSource = `
export function read(n: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let p: usize = 1024;
  for (const end = p + ((<usize>n) << 2); p < end; p += 64) {
    s0 = f32x4.add(s0, v128.load(p));
    s1 = f32x4.add(s1, v128.load(p, 16));
    s2 = f32x4.add(s2, v128.load(p, 32));
    s3 = f32x4.add(s3, v128.load(p, 48));
  }
  return f32x4.extract_lane(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), 0);
}`;

async function compile(source: string): Promise<WebAssembly.Exports> {
  const { binary, stderr } = await asc.compileString(source, {
    optimizeLevel: 3,
    noAssert: true,
    runtime: 'stub',
    use: ['abort='],
    enable: ['simd'],
  });
  if (binary === null) throw new Error(`a limit does not compile: ${stderr}`);
  return new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource)).exports;
}

/** Nothing but multiply and add in registers: the most that f32x4 without fused multiply-add does on one thread. */
export async function simdPeak(): Promise<(flops: number) => number> {
  const { peak } = (await compile(peakSource)) as { peak: (rounds: number) => number };
  return (flops) => peak(Math.ceil(flops / (CHAINS * LINES * 8)));
}

/** A SIMD sum over `count` floats (a multiple of 16) of its own memory: the time to read a matrix once. */
export async function readOnce(count: number): Promise<() => number> {
  const { memory, read } = (await compile(readSource)) as {
    memory: WebAssembly.Memory;
    read: (n: number) => number;
  };
  memory.grow(Math.ceil((count * 4 + 1024) / 65536));
  // Zero pages that were never written share one physical page, and would be read from cache.
  new Float32Array(memory.buffer, 1024, count).fill(0.5);
  return () => read(count);
}
