import * as z from "zod/mini";

const Version = z.nullable(z.string());
const Command = z.nullable(z.array(z.string()));
/** Replaces the binary. */
const Replacement = z.nullable(z.string());
/** The terraform below a wrapper. */
const TfCmd = z.string();

/** What plans and applies a unit. A version is what is asked for, null whatever the job has. */
export const WorkEngine = z.discriminatedUnion("name", [
  z.object({
    name: z.enum(["terraform", "tofu"]),
    version: Version,
    command: Replacement,
    collectOutputs: z._default(z.boolean(), true),
  }),
  z.object({
    name: z.literal("terragrunt"),
    version: Version,
    command: Replacement,
    tfCmd: TfCmd,
    tfVersion: Version,
    collectOutputs: z._default(z.boolean(), true),
  }),
  z.object({
    name: z.literal("cdktf"),
    command: Replacement,
    tfCmd: TfCmd,
    tfVersion: Version,
    collectOutputs: z._default(z.boolean(), true),
  }),
  z.object({ name: z.literal("pulumi") }),
  z.object({
    name: z.literal("custom"),
    init: Command,
    plan: Command,
    diff: Command,
    apply: Command,
    unsafeApply: Command,
    outputs: Command,
  }),
]);
export type WorkEngine = z.infer<typeof WorkEngine>;
