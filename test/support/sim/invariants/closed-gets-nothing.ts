import type { Of } from "./invariant.ts";

export const closedGetsNothing: Of<"grant"> = {
  id: "S19",
  says: "a pull request that was closed without a merge gets no grant",
  when: "grant",
  check: ({ forge, scenario }, { served, askedAt, at }) => {
    if (served === undefined || served.state === "closed") return "it was closed";
    const from = askedAt - scenario.personality.staleMs;
    const seen = forge.viewsBetween(served.number, from, at);
    if (seen.some((one) => one.state !== "closed")) return undefined;
    return `#${served.number} was closed long before`;
  },
};
