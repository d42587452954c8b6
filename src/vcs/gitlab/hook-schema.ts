import { z } from "zod";
import { account, id } from "./schema.ts";

/** What webhooks say, as far as it is read. */

const project = z.object({
  id,
  path_with_namespace: z.string(),
  default_branch: z.string().nullish(),
});

/** What is told of groups has a name instead of a kind. */
export const envelopeSchema = z
  .object({
    object_kind: z.string().optional(),
    event_name: z.string().optional(),
    project: project.optional(),
  })
  .transform(({ object_kind: kind, event_name: name, project: of }) => ({
    kind: kind ?? name ?? "unnamed",
    project: of,
  }));

/** Where a delivery says which merge request it is about. */
export const aboutSchema = z.object({
  merge_request: z.object({ iid: z.number().int() }).nullish(),
  object_attributes: z.object({ iid: z.number().int().nullish() }).nullish(),
});

export const mergeRequestHookSchema = z.object({
  object_attributes: z.object({
    iid: z.number().int(),
    action: z.string().nullish(),
    /** Only where commits were pushed. */
    oldrev: z.string().nullish(),
  }),
  changes: z.record(z.string(), z.unknown()).nullish(),
});

export const draftChangeSchema = z.object({ current: z.boolean() });

export const noteHookSchema = z.object({
  user: account,
  object_attributes: z.object({
    id,
    note: z.string(),
    noteable_type: z.string(),
    author_id: id,
    system: z.boolean().nullish(),
    /** Before 16.11 there was none, and nothing was told of edits. */
    action: z.string().nullish(),
  }),
  merge_request: z.object({ iid: z.number().int() }).nullish(),
});

export const pushHookSchema = z.object({ ref: z.string(), after: z.string() });

export const pipelineHookSchema = z.object({
  object_attributes: z.object({ id, status: z.string(), source: z.string().nullish() }),
});

export const jobHookSchema = z.object({
  build_name: z.string(),
  build_status: z.string(),
  pipeline_id: id,
});
