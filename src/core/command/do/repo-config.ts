import { throughBuilders } from "../../build/through-builders.ts";
import { configWithOrigins } from "../../config/show.ts";
import { configFor } from "../../configured.ts";
import type { Facts } from "../../fact.ts";
import { viewOf } from "../../inputs.ts";
import { judgeFork } from "../../policy/fork-trust.ts";
import { type Answered, refuse } from "./answer.ts";

/** More than fits into a comment; the reason is kept for ever. */
const CHARS_MAX = 40_000;
const FILES_MAX = 10;
const NOT_BUILT = "# Without what `config_builder` prints: no job has run it for this commit yet.";

/** The configuration that counts for the pull request now, with the origin of each value. */
export function doRepoConfig(facts: Facts): Answered {
  const view = viewOf(facts);
  if (view === "unasked") return { kind: "ask", questions: [{ kind: "pull_request" }] };
  if (view === undefined) return refuse({ code: "pull_request_gone" });
  // Nothing of a fork is looked at before somebody here has approved it.
  const fork = judgeFork(view, facts);
  if (fork.kind === "ask") return fork;
  if (fork.kind === "untrusted") return refuse(fork.reason);
  const configured = configFor(view, facts);
  if (configured.kind === "ask") return configured;
  if (configured.kind === "stopped") return refuse(...configured.reasons);
  const built = throughBuilders(view, facts, configured, false);
  if (built.kind === "ask") return built;
  if (built.kind === "stopped") return refuse(...built.reasons);
  const known = built.kind === "ready";
  const { lines: values, json } = configWithOrigins(known ? built.effective : configured.effective);
  const lines = known ? values : [NOT_BUILT, ...values];
  const files = Object.values(json.origins).flatMap((origin) =>
    origin.source === "default" ? [] : [origin.file],
  );
  const shown = leading(lines.map(storable));
  const reason = {
    code: "config_shown",
    lines: shown,
    linesOmitted: lines.length - shown.length,
    files: [...new Set(files)].slice(0, FILES_MAX),
  } as const;
  return { kind: "answered", outcome: "information", reasons: [reason] };
}

/** A file can spell out characters that no database takes. */
function storable(line: string): string {
  return line.replaceAll("\u0000", "").toWellFormed();
}

function leading(lines: readonly string[]): readonly string[] {
  let chars = 0;
  const end = lines.findIndex((line) => {
    chars += line.length + 1;
    return chars > CHARS_MAX;
  });
  return end === -1 ? lines : lines.slice(0, end);
}
