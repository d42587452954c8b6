/** A version of a tool: `1.11.4`, `1.6.0-alpha1`. */
export interface Version {
  readonly text: string;
  readonly numbers: readonly [number, number, number];
  /** Empty for a release. */
  readonly pre: string;
}

const VERSION = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,60}))?$/;

export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text.trim());
  if (match === null) return undefined;
  const [, major = "", minor = "", patch = "", pre = ""] = match;
  const numbers = [Number(major), Number(minor), Number(patch)] as const;
  return { text: `${numbers.join(".")}${pre === "" ? "" : `-${pre}`}`, numbers, pre };
}

/** Negative when the first is older. A pre-release is older than its release. */
export function compareVersions(left: Version, right: Version): number {
  for (const at of [0, 1, 2] as const) {
    if (left.numbers[at] !== right.numbers[at]) return left.numbers[at] - right.numbers[at];
  }
  if (left.pre === right.pre) return 0;
  if (left.pre === "" || right.pre === "") return left.pre === "" ? 1 : -1;
  return comparePre(left.pre.split("."), right.pre.split("."));
}

function comparePre(left: readonly string[], right: readonly string[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    if (one === other) continue;
    const numeric = [one, other].map((part) => /^\d+$/.test(part));
    if (numeric[0] === true && numeric[1] === true) return Number(one) - Number(other);
    if (numeric[0] !== numeric[1]) return numeric[0] === true ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}

/** The newest first. */
export function newestFirst(texts: readonly string[]): Version[] {
  return texts
    .flatMap((text) => parseVersion(text) ?? [])
    .toSorted((left, right) => compareVersions(right, left));
}

/** What exists nearest to what was asked for, nearest first: same minor, then same major, then the newest. */
export function nearVersions(wanted: string, known: readonly string[], max = 5): string[] {
  const target = parseVersion(wanted);
  const releases = newestFirst(known).filter(({ pre }) => pre === "");
  if (target === undefined) return releases.slice(0, max).map(({ text }) => text);
  const distance = ({ numbers }: Version) => {
    const at = ([0, 1, 2] as const).find((index) => numbers[index] !== target.numbers[index]);
    return at === undefined ? 0 : (3 - at) * 1e9 + Math.abs(numbers[at] - target.numbers[at]);
  };
  return releases
    .toSorted((left, right) => distance(left) - distance(right))
    .slice(0, max)
    .map(({ text }) => text);
}
