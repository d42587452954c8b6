import { z } from "zod";
import { matchList, optional, strict } from "./helpers.ts";

const keys = {
  all_of: optional(matchList),
  any_of: optional(matchList),
  any_of_count: optional(z.int().min(1)),
  name: optional(z.string()),
  token: optional(z.string()),
};

/** One entry of `on_error`, which may hold other kinds of answers one day. */
export const errorGate = strict({ type: z.literal("gate"), ...keys });

/** The `gate` of a policy step, which can be nothing else. */
export const policyGate = strict({ type: optional(z.literal("gate")), ...keys });

export type RawGate = z.infer<typeof policyGate>;
