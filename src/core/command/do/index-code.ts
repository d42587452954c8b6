import type { Draft } from "../../draft.ts";
import { type Facts, factOf } from "../../fact.ts";
import { isReading } from "../../settle/read-code.ts";
import { settle } from "../../settle/settle.ts";
import { foundCode } from "../found-code.ts";
import { type Answered, type Given, refuse } from "./answer.ts";

/**
 * `index`: says what the code of this commit refers to. What a job has read already is not read again, since a commit
 * does not change; where none has, or could not, one does it now and the answer follows.
 */
export function doIndex(draft: Draft, facts: Facts, { actor }: Given): Answered {
  const settled = settle(draft, facts, true);
  if (settled.kind === "ask" || settled.kind === "hold") return settled;
  if (settled.kind === "stopped") {
    const [reason] = settled.reasons;
    if (reason === undefined || !isReading(reason)) return refuse(...settled.reasons);
    const run = draft.now().runs.find(({ id }) => id === reason.runId);
    // Whoever asked for a plan before waits for the same job, and is not to be forgotten for this.
    if (run?.preparing?.command === undefined) {
      const command = { text: "terrane index", actor };
      draft.write({ kind: "remember_command", runId: reason.runId, command });
    }
    return { kind: "answered", outcome: "accepted", reasons: settled.reasons };
  }
  const { config, view } = settled.inputs;
  const read = factOf(facts, { kind: "index", commit: view.headSha })?.index;
  if (!config.indexer.enabled || read === undefined) return refuse({ code: "indexer_off" });
  const found = { code: "index_shown", ...foundCode(view.headSha, read) } as const;
  return { kind: "answered", outcome: "information", reasons: [found] };
}
