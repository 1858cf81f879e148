// SHA-256 of a short text, synchronously: for names and numbers that must come out the same everywhere. Not for secrets (FIPS 180-4).

/** The first 32 bits of the fractional parts of a root of the first primes. */
function constants(count: number, root: (prime: number) => number): number[] {
  const out: number[] = [];
  for (let candidate = 2; out.length < count; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) prime = false;
    if (prime) out.push(Math.floor((root(candidate) % 1) * 2 ** 32));
  }
  return out;
}
const K = constants(64, Math.cbrt);
const INITIAL = constants(8, Math.sqrt);
const rotate = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

function block(state: Uint32Array, view: DataView, offset: number): void {
  const w = new Uint32Array(64);
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(offset + 4 * i);
  const word = (i: number): number => w[i] ?? 0;
  for (let i = 16; i < 64; i++) {
    const a = word(i - 15);
    const b = word(i - 2);
    w[i] = word(i - 16) + (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) + word(i - 7) + (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10));
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (K[i] ?? 0) + word(i)) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] ?? 0) + value;
}

export function sha256(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = Uint32Array.from(INITIAL);
  for (let offset = 0; offset < padded.length; offset += 64) block(state, view, offset);
  const out = new DataView(new ArrayBuffer(32));
  for (const [i, value] of state.entries()) out.setUint32(4 * i, value);
  return new Uint8Array(out.buffer);
}
