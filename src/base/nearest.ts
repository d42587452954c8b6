/** Words beyond this are no misspelling of anything we know, and the table below is quadratic. */
const WORD_CHARS_MAX = 64;

/** What a person probably meant: the most similar of the known words, if one is similar at all. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return best(word, known, isLike);
}

/**
 * The word that was most likely mistyped. Stricter than `nearest`, for words that stand between
 * other words that people write: most of them are no misspelling of anything.
 */
export function nearestTypo<T extends string>(word: string, known: readonly T[]): T | undefined {
  return best(word, known, isTypo);
}

function best<T extends string>(
  word: string,
  known: readonly T[],
  isClose: (word: string, candidate: string, distance: number) => boolean,
): T | undefined {
  if (word.length > WORD_CHARS_MAX) return undefined;
  const lower = word.toLowerCase();
  let found: T | undefined;
  let foundDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < foundDistance && isClose(lower, candidate.toLowerCase(), distance)) {
      found = candidate;
      foundDistance = distance;
    }
  }
  return found;
}

function isLike(word: string, candidate: string, distance: number): boolean {
  if (distance <= Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))) return true;
  // `tf_version` for `version`, `query` for `tag_query`.
  const [short, long] = word.length < candidate.length ? [word, candidate] : [candidate, word];
  return short.length >= 4 && long.includes(short);
}

const TYPO_DISTANCE_MAX = 2;

/** More than half of the word being wrong is another word: `ls` is not `help`. */
function isTypo(word: string, _candidate: string, distance: number): boolean {
  return distance <= TYPO_DISTANCE_MAX && distance * 2 <= word.length;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
