import { z } from "zod";
import { argv, optional, strict } from "./helpers.ts";

const common = {
  override_tf_cmd: optional(z.string()),
  outputs: optional(strict({ collect: optional(z.boolean()) })),
};
const text = optional(z.string());

/** Each engine knows its own keys; nothing falls through to an engine that no runner has. */
export const engine = z.discriminatedUnion("name", [
  strict({ name: z.literal("terraform"), version: text, ...common }),
  strict({ name: z.literal("tofu"), version: text, ...common }),
  strict({
    name: z.literal("terragrunt"),
    version: text,
    tf_cmd: text,
    tf_version: text,
    ...common,
  }),
  strict({ name: z.literal("cdktf"), tf_cmd: text, tf_version: text, ...common }),
  strict({
    name: z.literal("stategraph"),
    version: text,
    tf_cmd: text,
    tf_version: text,
    ...common,
  }),
  strict({ name: z.literal("pulumi") }),
  strict({ name: z.literal("fly"), config_file: z.string() }),
  strict({
    name: z.literal("custom"),
    init: optional(argv),
    plan: optional(argv),
    diff: optional(argv),
    apply: optional(argv),
    unsafe_apply: optional(argv),
    outputs: optional(argv),
  }),
]);

export type RawEngine = z.infer<typeof engine>;
