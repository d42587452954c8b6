/** Fractional parts of the cube roots of the first 64 primes. */
const K = constants(64, (prime) => Math.cbrt(prime));
/** Of the square roots of the first eight. */
const H = constants(8, (prime) => Math.sqrt(prime));
const BLOCK = 64;

/**
 * SHA-256 of a text in UTF-8, in lower-case hexadecimal. The pure folders have no library for it; a few hundred
 * kilobytes take some milliseconds, so it is for names of contents and not for files.
 */
export function sha256(text: string): string {
  const bytes = padded(utf8(text.toWellFormed()));
  const view = new DataView(bytes.buffer);
  const state = Uint32Array.from(H);
  const w = new Uint32Array(64);
  for (let at = 0; at < bytes.length; at += BLOCK) {
    for (let t = 0; t < 16; t += 1) w[t] = view.getUint32(at + 4 * t);
    compress(state, w);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

function compress(state: Uint32Array, w: Uint32Array): void {
  for (let t = 16; t < 64; t += 1) {
    const before = word(w, t - 15);
    const last = word(w, t - 2);
    const s0 = turned(before, 7) ^ turned(before, 18) ^ (before >>> 3);
    const s1 = turned(last, 17) ^ turned(last, 19) ^ (last >>> 10);
    w[t] = word(w, t - 16) + s0 + word(w, t - 7) + s1;
  }
  const v = Uint32Array.from(state);
  for (let t = 0; t < 64; t += 1) {
    const a = word(v, 0);
    const e = word(v, 4);
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const chosen = (e & word(v, 5)) ^ (~e & word(v, 6));
    const first = (word(v, 7) + s1 + chosen + word(K, t) + word(w, t)) >>> 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const majority = (a & word(v, 1)) ^ (a & word(v, 2)) ^ (word(v, 1) & word(v, 2));
    v.copyWithin(1, 0, 7);
    v[4] = word(v, 4) + first;
    v[0] = first + s0 + majority;
  }
  for (let at = 0; at < 8; at += 1) state[at] = word(state, at) + word(v, at);
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}

function turned(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

function constants(count: number, root: (prime: number) => number): Uint32Array {
  const found: number[] = [];
  const primes: number[] = [];
  for (let n = 2; found.length < count; n += 1) {
    if (primes.some((prime) => n % prime === 0)) continue;
    primes.push(n);
    found.push((root(n) % 1) * 2 ** 32);
  }
  return Uint32Array.from(found);
}

/** A one, zeros up to a full block, and the length in bits at its end. */
function padded(bytes: readonly number[]): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil((bytes.length + 9) / BLOCK);
  const out = new Uint8Array(blocks * BLOCK);
  out.set(bytes);
  out[bytes.length] = 0x80;
  const view = new DataView(out.buffer);
  view.setUint32(out.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(out.length - 4, (bytes.length * 8) >>> 0);
  return out;
}

function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x1_0000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return bytes;
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}
