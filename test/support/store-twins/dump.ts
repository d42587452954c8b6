import { canonicalJson } from "../../../src/base/canonical-json.ts";

/** Every row of a store, by table. */
export type Dump = Readonly<Record<string, readonly object[]>>;

/** The two stores said or kept different things. */
export class Difference extends Error {
  override readonly name = "Difference";

  constructor(where: string, memory: string, sql: string) {
    super(`${where} differs\n  in memory:  ${memory}\n  PostgreSQL: ${sql}`);
  }
}

/** How much of a column a message shows. */
const SHOWN_CHARS = 500;

export function compareDumps(when: string, memory: Dump, sql: Dump): void {
  for (const table of new Set([...Object.keys(memory), ...Object.keys(sql)])) {
    const [ours, theirs] = [lines(memory[table]), lines(sql[table])];
    if (ours.join("\n") === theirs.join("\n")) continue;
    const onlyOurs = ours.filter((line) => !theirs.includes(line));
    const onlyTheirs = theirs.filter((line) => !ours.includes(line));
    const [left, right] = onlyDifferent(onlyOurs[0], onlyTheirs[0]);
    const counts = `${onlyOurs.length} and ${onlyTheirs.length} rows`;
    throw new Difference(`${when}: table ${table} (${counts})`, left, right);
  }
}

function lines(rows: readonly object[] = []): readonly string[] {
  return rows.map(canonicalJson).sort();
}

/** The columns in which the first two rows differ; rows that only one of the two has are shown whole. */
function onlyDifferent(ours = "{}", theirs = "{}"): readonly [string, string] {
  const left: Readonly<Record<string, unknown>> = JSON.parse(ours);
  const right: Readonly<Record<string, unknown>> = JSON.parse(theirs);
  const columns = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (column) => text(left[column]) !== text(right[column]),
  );
  const pick = (row: Readonly<Record<string, unknown>>) =>
    columns.map((column) => `${column}: ${text(row[column])}`).join(", ");
  return [pick(left), pick(right)];
}

function text(value: unknown): string {
  return value === undefined ? "none" : canonicalJson(value).slice(0, SHOWN_CHARS);
}
