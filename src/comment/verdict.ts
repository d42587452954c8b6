import type { CheckText } from "./checks.ts";

/** What a check says in one line. */
export type Verdict = Pick<CheckText, "status" | "conclusion" | "title">;

export function open(status: "queued" | "in_progress", title: string): Verdict {
  return { status, conclusion: undefined, title };
}

export function completed(
  conclusion: NonNullable<CheckText["conclusion"]>,
  title: string,
): Verdict {
  return { status: "completed", conclusion, title };
}
