import { z } from "zod";
import { argv, optional, strict } from "./helpers.ts";

const S3 = "it goes with `method: s3`";
const CMD = "it goes with `method: cmd`";

const s3Only = {
  bucket: S3,
  region: S3,
  path: S3,
  access_key_id: S3,
  secret_access_key: S3,
  delete_used_plans: S3,
  store_extra_args: S3,
  fetch_extra_args: S3,
  delete_extra_args: S3,
};
const cmdOnly = { store: CMD, fetch: CMD, delete: CMD };

const plans = z.discriminatedUnion("method", [
  // All three name the server that reads the file.
  strict(
    { method: z.enum(["server", "terrane", "terrateam"]) },
    { elsewhere: { ...s3Only, ...cmdOnly } },
  ),
  strict(
    { method: z.literal("cmd"), store: argv.min(1), fetch: argv.min(1), delete: optional(argv) },
    { elsewhere: s3Only },
  ),
  strict(
    {
      method: z.literal("s3"),
      bucket: z.string().min(1),
      region: z.string().min(1),
      path: optional(z.string()),
      access_key_id: optional(z.string()),
      secret_access_key: optional(z.string()),
      delete_used_plans: optional(z.boolean()),
      store_extra_args: optional(argv),
      fetch_extra_args: optional(argv),
      delete_extra_args: optional(argv),
    },
    { elsewhere: cmdOnly },
  ),
]);

export const storage = strict({ plans: optional(plans) });

export type RawPlanStorage = z.infer<typeof plans>;
