import { count } from "../base/text.ts";
import type { Notice } from "../core/notice.ts";
import { sanitize } from "./escape.ts";
import { FENCE_CHARS_MAX, fence } from "./fence.ts";
import { dashboardLink } from "./overview.ts";

const OPEN = "<details><summary>Configuration in force</summary>";
const CLOSE = "</details>";
/** Around the block, and what is said about the lines that are missing. */
const FRAME_CHARS = OPEN.length + CLOSE.length + FENCE_CHARS_MAX + 700;

/** What `repo-config` asked for, in at most `room` characters; what does not fit is counted, never just left out. */
export function shownConfig(
  notice: Notice | undefined,
  room: number,
  dashboardUrl: string | undefined,
): readonly string[] {
  const reason = notice?.reasons.find((one) => one.code === "config_shown");
  if (reason?.code !== "config_shown") return [];
  const lines = fitting(reason.lines.map(sanitize), room - FRAME_CHARS);
  const missing = reason.lines.length - lines.length + reason.linesOmitted;
  const [link = "the dashboard"] = dashboardLink(dashboardUrl, "the dashboard");
  const more = `The configuration has ${count(missing, "more line")}: see ${link}.`;
  if (lines.length === 0) return [more];
  const block = [OPEN, fence(lines.join("\n"), "yaml"), ...(missing > 0 ? [more] : []), CLOSE];
  return [block.join("\n\n")];
}

function fitting(lines: readonly string[], room: number): readonly string[] {
  let chars = 0;
  const end = lines.findIndex((line) => {
    chars += line.length + 1;
    return chars > room;
  });
  return end === -1 ? lines : lines.slice(0, end);
}
