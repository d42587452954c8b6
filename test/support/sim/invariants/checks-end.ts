import type { Of } from "./invariant.ts";

/** That of an apply; and that of a dirspace's plan, where another dirspace has to be applied first. */
const WAITING = /^\S+ (?:apply$|apply: |plan: )/;

/**
 * An apply that nobody has asked for keeps its check open on purpose: a required one holds the merge back. That is so for
 * the head of a pull request that is not closed, and for nothing else.
 */
export const checksEnd: Of<"end"> = {
  id: "L40",
  says: "in the end every check has ended, but for the apply of a head that still waits for its apply",
  when: "end",
  check: ({ forge }) => {
    for (const check of forge.ownChecks.values()) {
      if (check.status === "completed") continue;
      const pull = forge.pulls.get(check.number);
      const mayWait =
        WAITING.test(check.name) &&
        pull !== undefined &&
        pull.state !== "closed" &&
        pull.headSha === check.commit &&
        check.status === "queued";
      if (!mayWait) return `${check.name} of #${check.number} at ${check.commit}: ${check.status}`;
    }
    return undefined;
  },
};
