import { canonicalJson } from "../../../../src/base/canonical-json.ts";
import { evaluate } from "../../../../src/core/evaluate.ts";
import type { Of } from "./invariant.ts";

/** Every so many decisions are made twice, the second time with copies of the facts in another order. */
const EVERY = 8;

export const deterministic: Of<"decision"> = {
  id: "S30",
  says: "equal inputs give an equal decision, in whatever order they come",
  when: "decision",
  check: ({ memory, scenario }, { turn, snapshot, decision }) => {
    // Another one in each history, so that early and late ones are among them.
    if ((memory.tables.decisions.size + scenario.seed) % EVERY !== 0) return undefined;
    // Copies: what was found for these very objects before is not found again, but worked out anew.
    const facts = new Map(structuredClone([...turn.facts].reverse()));
    const again = evaluate(snapshot, turn.event, facts);
    if (canonicalJson(again) === canonicalJson(decision)) return undefined;
    return `the event ${turn.event.what.kind} was decided in two ways`;
  },
};
