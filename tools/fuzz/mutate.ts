import type { Prng } from "../../src/base/prng.ts";

/** Another text of the same kind: one to six changes, most of them where the structure is. */
export function mutate(
  text: string,
  others: readonly string[],
  tokens: readonly string[],
  random: Prng,
  max: number,
): string {
  let result = text;
  for (let left = 1 + random.below(6); left > 0; left -= 1) {
    result = random.pick(CHANGES)(result, { others, tokens, random });
    if (result.length > max) result = result.slice(0, max);
  }
  return result;
}

interface Material {
  readonly others: readonly string[];
  readonly tokens: readonly string[];
  readonly random: Prng;
}

type Change = (text: string, material: Material) => string;

const CHANGES: readonly Change[] = [
  /** A token anywhere. */
  (text, { tokens, random }) => insert(text, place(text, random), random.pick(tokens)),
  /** A token for a word. */
  (text, { tokens, random }) => replaceWord(text, random, random.pick(tokens)),
  /** A word for another word of the same text: keys and values change their places. */
  (text, { random }) => replaceWord(text, random, random.pick(words(text))?.[0] ?? ""),
  /** Something is gone. */
  (text, { random }) => {
    const at = place(text, random);
    return text.slice(0, at) + text.slice(at + 1 + random.below(20));
  },
  /** A line twice, or in another place, or deeper. */
  (text, { random }) => {
    const lines = text.split("\n");
    const line = random.pick(lines);
    const depth = " ".repeat(random.below(9));
    lines.splice(random.below(lines.length + 1), random.below(2), depth + line.trimStart());
    return lines.join("\n");
  },
  /** Part of another text. */
  (text, { others, random }) => {
    const other = random.pick(others);
    const from = place(other, random);
    return insert(text, place(text, random), other.slice(from, from + random.below(200)));
  },
  /** The same thing very often. */
  (text, { tokens, random }) => {
    const often = random.chance(0.02) ? 20_000 : 1 + random.below(300);
    return insert(text, place(text, random), random.pick(tokens).repeat(often));
  },
  /** Another character, whatever it is. */
  (text, { random }) => {
    const at = place(text, random);
    const unit = random.chance(0.8) ? random.below(128) : random.below(0x10000);
    return text.slice(0, at) + String.fromCharCode(unit) + text.slice(at + 1);
  },
];

/** Not a text at all. */
export function noise(random: Prng, max: number): string {
  const length = random.below(random.chance(0.05) ? max : 400);
  return Array.from({ length }, () =>
    String.fromCharCode(random.chance(0.9) ? random.below(256) : random.below(0x10000)),
  ).join("");
}

function place(text: string, random: Prng): number {
  return random.below(text.length + 1);
}

function insert(text: string, at: number, more: string): string {
  return text.slice(0, at) + more + text.slice(at);
}

function words(text: string): readonly RegExpMatchArray[] {
  const found = [...text.slice(0, 20_000).matchAll(/[\w*.${}~-]+/g)];
  return found.length > 0 ? found : [...text.matchAll(/$/g)];
}

function replaceWord(text: string, random: Prng, by: string): string {
  const word = random.pick(words(text));
  const at = word.index ?? 0;
  return text.slice(0, at) + by + text.slice(at + word[0].length);
}
