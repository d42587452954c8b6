import { unreachable } from "../base/unreachable.ts";
import type { StepReport } from "../core/run/report.ts";
import { BREAK, code, sanitize } from "./escape.ts";
import { elideMiddle, FENCE_CHARS_MAX, fence } from "./fence.ts";

const LINES_MAX = 60;
/** Below this a text says nothing. */
const ROOM_MIN = 200;
const TITLE_CHARS_MAX = 120;

/** What these do is said by the result itself, or concerns nobody who reads it. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(["init", "plan", "apply", "env", "oidc"]);

/** The steps that people should see: what was let pass, and what was configured to be seen. */
export function shownSteps(steps: readonly StepReport[]): readonly StepReport[] {
  return steps.filter(({ step, outcome, visibleOn, text }) => {
    switch (outcome) {
      case "failed":
        // The first failure is told with its tail; that of a later handler is in the run's log.
        return false;
      case "ignored":
      case "gated":
        return true;
      case "succeeded":
        return text.trim() !== "" && visibleOn !== "failure" && !SAID_ELSEWHERE.has(step);
      default:
        return unreachable(outcome);
    }
  });
}

/** One block for each, with at most so many characters together; what finds no room is left out from the end. */
export function stepBlocks(steps: readonly StepReport[], room: number): readonly string[] {
  const blocks: string[] = [];
  let left = room;
  for (const step of steps) {
    if (left < ROOM_MIN) break;
    const block = stepBlock(step, left);
    if (block.length + 2 > left) break;
    blocks.push(block);
    left -= block.length + 2;
  }
  return blocks;
}

const OUTCOMES: Readonly<Record<StepReport["outcome"], string>> = {
  succeeded: "",
  failed: " failed",
  ignored: " failed, which is ignored",
  gated: " failed, and asks for an approval",
};

function stepBlock({ step, title, outcome, format, text }: StepReport, room: number): string {
  const what = title === "" ? code(step, TITLE_CHARS_MAX) : code(title, TITLE_CHARS_MAX);
  const head = `Step ${what}${OUTCOMES[outcome]}`;
  const left = room - head.length - FENCE_CHARS_MAX - 4;
  const shown = left < ROOM_MIN / 2 ? "" : elideMiddle(text, LINES_MAX, left);
  if (shown === "") return `${head}.`;
  const body = format.type === "code" ? fence(shown) : quoted(shown, left);
  return `${head}:\n\n${body}`;
}

/**
 * Markdown of the customer's, as a quotation that it cannot leave: it opens no element, mentions nobody, and is never
 * taken for our own words.
 */
function quoted(text: string, room: number): string {
  const inert = sanitize(text).replaceAll("<", "&lt;").replaceAll("@", `@${BREAK}`);
  const lines = inert.split("\n").map((line) => `> ${line}`.trimEnd());
  const whole = lines.join("\n");
  return whole.length <= room ? whole : fence(elideMiddle(text, LINES_MAX, room));
}
