/**
 * A short name for a text: equal texts have equal names, and others have other ones but by chance, once in 2^64. Whoever
 * wants to can find two texts with one name; what has to withstand that takes a cryptographic hash, outside of the core.
 */
export function fingerprint(text: string): string {
  return half(text, 0x9e3779b9) + half(text, 0x85ebca6b);
}

/** 32 bits in the manner of MurmurHash3. */
function half(text: string, seed: number): string {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    let mixed = Math.imul(text.charCodeAt(at), 0xcc9e2d51);
    mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    hash ^= mixed;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
