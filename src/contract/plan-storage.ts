import * as z from "zod/mini";

const Command = z.array(z.string());

/** Where the sealed plan waits for its apply; elsewhere than on the server only what to do with it is kept there. */
export const PlanStorage = z.discriminatedUnion("method", [
  z.object({ method: z.literal("server") }),
  z.object({
    method: z.literal("cmd"),
    store: Command,
    fetch: Command,
    delete: z.nullable(Command),
  }),
  z.object({
    method: z.literal("s3"),
    bucket: z.string(),
    region: z.string(),
    path: z.nullable(z.string()),
    /** Names of variables, never a secret itself. */
    accessKeyId: z.nullable(z.string()),
    secretAccessKey: z.nullable(z.string()),
    deleteUsedPlans: z.boolean(),
    storeExtraArgs: Command,
    fetchExtraArgs: Command,
    deleteExtraArgs: Command,
  }),
]);
export type PlanStorage = z.infer<typeof PlanStorage>;
