import { compareVersions, newestFirst, parseVersion, type Version } from "./version.ts";

/** Terms that must all hold: `>= 1.5, < 2.0, != 1.6.1`. */
export type Constraint = readonly Term[];

interface Term {
  readonly operator: Operator;
  readonly version: Version;
  /** How many numbers were written: `~> 1.5` and `~> 1.5.0` mean different things. */
  readonly parts: number;
}

type Operator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "~>";

const TERM = /^(=|!=|>=|>|<=|<|~>)?\s*v?(\d{1,9}(?:\.\d{1,9}){0,2})(-[0-9A-Za-z.-]{1,60})?$/;
const TERMS_MAX = 50;

/** Undefined where it is none. */
export function parseConstraint(text: string): Constraint | undefined {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > TERMS_MAX) return undefined;
  const terms = parts.map(parseTerm);
  return terms.every((term) => term !== undefined) ? terms : undefined;
}

function parseTerm(text: string): Term | undefined {
  const match = TERM.exec(text);
  if (match === null) return undefined;
  const [, operator = "=", numbers = "", pre = ""] = match;
  const written = numbers.split(".");
  const version = parseVersion(`${[...written, "0", "0"].slice(0, 3).join(".")}${pre}`);
  if (version === undefined) return undefined;
  return { operator: operator as Operator, version, parts: written.length };
}

/** A pre-release fits only where it is named itself. */
export function fits(version: Version, constraint: Constraint): boolean {
  if (version.pre !== "" && !constraint.some((term) => names(term, version))) return false;
  return constraint.every((term) => holds(term, version));
}

/** The newest of the known ones that fits. */
export function newestThatFits(
  known: readonly string[],
  constraint: Constraint,
): Version | undefined {
  return newestFirst(known).find((version) => fits(version, constraint));
}

function names({ operator, version }: Term, other: Version): boolean {
  return operator !== "!=" && compareVersions(version, other) === 0;
}

function holds({ operator, version, parts }: Term, other: Version): boolean {
  const order = compareVersions(other, version);
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "~>":
      return order >= 0 && sameUpTo(Math.max(1, parts - 1), version, other);
  }
}

/** The last number that was written may grow, those before it may not. */
function sameUpTo(count: number, left: Version, right: Version): boolean {
  return left.numbers.slice(0, count).every((number, at) => number === right.numbers[at]);
}
