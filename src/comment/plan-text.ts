/**
 * A plan as the tool prints it, rearranged for reading: what is destroyed or replaced comes first.
 * Text that does not look like a plan stays as it is.
 */
export function orderPlan(text: string): string {
  const { blocks, rest } = split(text.split("\n"));
  if (blocks.length === 0) return text;
  const ordered = blocks.toSorted((a, b) => rank(a[0] ?? "") - rank(b[0] ?? ""));
  return [...ordered.flat(), ...rest].join("\n");
}

/** `  # aws_instance.a will be destroyed`; a line in parentheses below it belongs to the same resource. */
const HEADER = /^ {2}# [^(]/;
const SUMMARY = /^(?:Plan: |Changes to Outputs:)/;

interface Parts {
  /** One for each resource, without what the tool says before the first. */
  readonly blocks: readonly (readonly string[])[];
  readonly rest: readonly string[];
}

function split(lines: readonly string[]): Parts {
  const end = lines.findIndex((line) => SUMMARY.test(line));
  const body = end === -1 ? lines : lines.slice(0, end);
  const blocks: string[][] = [];
  for (const line of body) {
    if (HEADER.test(line)) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  return { blocks, rest: end === -1 ? [] : lines.slice(end) };
}

const RANKS: readonly RegExp[] = [
  /will be destroyed/,
  /(?:must|will) be replaced/,
  /will be updated in-place/,
  /will be created/,
];

function rank(header: string): number {
  const at = RANKS.findIndex((pattern) => pattern.test(header));
  return at === -1 ? RANKS.length : at;
}

const SIGNED = /^( {1,200})(-\/\+|\+\/-|[-+~])(?= )/;

/**
 * Moves the signs to the beginning of their lines, where a `diff` block colours them. `~` becomes
 * `!`, which is what such a block has for "changed".
 */
export function signsFirst(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      line.replace(
        SIGNED,
        (_, indent: string, sign: string) => `${sign === "~" ? "!" : sign}${indent}`,
      ),
    )
    .join("\n");
}
