/**
 * A plan as the tool prints it, rearranged for reading: what is destroyed or replaced comes first,
 * and signs stand at the beginning of the line, where a `diff` block colours them. Text that does
 * not look like a plan stays as it is.
 */
export function readablePlan(text: string): string {
  const { blocks, rest } = split(text.split("\n"));
  if (blocks.length === 0) return text;
  const ordered = blocks.toSorted((a, b) => rank(a[0] ?? "") - rank(b[0] ?? ""));
  return [...ordered.flat(), ...rest].map(signFirst).join("\n");
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

/** `~` becomes `!`, which is what a `diff` block has for "changed". */
function signFirst(line: string): string {
  return line.replace(
    SIGNED,
    (_, indent: string, sign: string) => `${sign === "~" ? "!" : sign}${indent}`,
  );
}
