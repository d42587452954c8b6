import { echo } from "../../base/echo.ts";

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for its numbers, the first of which is `min`. */
  readonly words: readonly string[];
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const DAYS = "SUN MON TUE WED THU FRI SAT".split(" ");

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59, words: [] },
  { name: "hour", min: 0, max: 23, words: [] },
  { name: "day of the month", min: 1, max: 31, words: [] },
  { name: "month", min: 1, max: 12, words: MONTHS },
  // Sunday is both.
  { name: "day of the week", min: 0, max: 7, words: DAYS },
];

/** Other programs read these, each in its own way, so that one meaning would be wrong for some. */
const FOREIGN = /^(?:L|LW|\?|.*[#?]|\d+[LW]|[A-Z]{3}L)/i;

/** What is wrong with the fields of a cron expression, in words; it has as many as it should. */
export function cronFieldsProblem(fields: readonly string[]): string | undefined {
  for (const [at, field] of FIELDS.entries()) {
    for (const part of (fields[at] ?? "").split(",")) {
      const problem = partProblem(field, part);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function partProblem(field: Field, part: string): string | undefined {
  if (part === "") return `the ${field.name} has a comma with nothing before or after it`;
  const [base = "", step, ...rest] = part.split("/");
  const [from = "", to, ...more] = base.split("-");
  if (rest.length > 0 || more.length > 0) return refused(field, part);
  if (base !== "*") {
    const start = numberOf(field, from);
    if (start === undefined) return refused(field, from, part);
    if (to !== undefined) {
      const end = numberOf(field, to);
      if (end === undefined) return refused(field, to, part);
      if (start > end) return backwards(field, part, from, to);
    }
  }
  if (step === undefined) return undefined;
  if (base !== "*" && to === undefined) {
    return `the ${field.name} \`${echo(part)}\` has a step without a range; write \`${from}-${field.max}/${echo(step)}\` or \`*/${echo(step)}\``;
  }
  const size = field.max - field.min + 1;
  if (/^[0-9]{1,4}$/.test(step) && Number(step) >= 1 && Number(step) <= size) return undefined;
  return `the step of the ${field.name} is 1 to ${size}, not \`${echo(step)}\``;
}

function numberOf({ min, max, words }: Field, text: string): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  if (word >= 0) return min + word;
  if (!/^[0-9]{1,4}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

function refused(field: Field, value: string, part: string = value): string {
  const { name } = field;
  if (FOREIGN.test(part)) {
    return `the ${name} is \`${echo(part)}\`: \`L\`, \`W\`, \`#\` and \`?\` are not part of the language; write ${allowed(field)}`;
  }
  const got = value === "" ? echo(part) : echo(value);
  return `the ${name} cannot be \`${got}\`; it is ${allowed(field)}`;
}

function allowed({ min, max, words }: Field): string {
  const named = words.length === 0 ? "" : `, a word from \`${words[0]}\` to \`${words.at(-1)}\``;
  return `\`*\`, a number from ${min} to ${max}${named}, a range as in \`${min}-${max}\`, or a list of these`;
}

function backwards(field: Field, part: string, from: string, to: string): string {
  const { name, min, max } = field;
  return `the ${name} \`${echo(part)}\` begins after it ends; write \`${from}-${max},${min}-${to}\``;
}
