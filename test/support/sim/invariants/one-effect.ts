import type { Of } from "./invariant.ts";

export const oneEffect: Of<"end"> = {
  id: "S25",
  says: "effects are performed at least once and show once",
  when: "end",
  check: ({ forge }) => {
    const keys = forge.comments.map((one) => `${one.number}:${one.key}`);
    if (new Set(keys).size === keys.length) return undefined;
    return `a pull request has two comments of ours: ${keys.join(", ")}`;
  },
};
