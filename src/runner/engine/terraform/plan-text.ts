/**
 * Progress that a plan writes before its text. Everything else is held back until the plan's sensitive
 * values are known: terraform prints them in clear where they pass through a computed attribute.
 */
const PROGRESS =
  /: (?:Refreshing state|Reading|Still reading|Read complete|Refreshing)\b|^(?:Acquiring|Releasing) state lock/;
/** A rule over the whole line, and under it where the plan was saved. */
const SAVED = /\n─{10,}\n\n(?:Saved the plan to: |Note: You didn't use )[^]*$/;

/** Whether a line of a plan may be shown before the rest is known. */
export function isProgress(line: string): boolean {
  return PROGRESS.test(line) && !line.includes("[id=");
}

/** What the plan command itself printed, without progress before and advice after it: no second process renders it. */
export function planText(stdout: string): string {
  const lines = stdout.replaceAll("\r\n", "\n").split("\n");
  const first = lines.findIndex((line) => line.trim() !== "" && !PROGRESS.test(line));
  return first < 0 ? "" : lines.slice(first).join("\n").replace(SAVED, "").trim();
}
