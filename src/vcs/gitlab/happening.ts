import type { z } from "zod";
import { parseCommitSha } from "../../core/ids.ts";
import type { VcsHappening } from "../../core/vcs-event.ts";
import type { VcsResult } from "../../ports/vcs.ts";
import { carriesMarker } from "./comment.ts";
import {
  draftChangeSchema,
  jobHookSchema,
  mergeRequestHookSchema,
  noteHookSchema,
  pipelineHookSchema,
  pushHookSchema,
} from "./hook-schema.ts";

/** What happened, or why nothing follows from it. */
export type Told =
  | { readonly kind: "told"; readonly what: VcsHappening }
  | { readonly kind: "ignored"; readonly because: string };

type Self = () => Promise<VcsResult<string>>;

export async function happening(kind: string, payload: unknown, self: Self): Promise<Told> {
  switch (kind) {
    case "merge_request":
      return reading(kind, mergeRequestHookSchema, payload, readMergeRequest);
    case "note": {
      const hook = noteHookSchema.safeParse(payload);
      return hook.success ? await readNote(hook.data, self) : unread(kind);
    }
    case "push":
      return reading(kind, pushHookSchema, payload, readPush);
    case "pipeline":
      return reading(kind, pipelineHookSchema, payload, readPipeline);
    case "build":
      return reading(kind, jobHookSchema, payload, readJob);
    default:
      return ignored(`Nothing follows from ${kind} events.`);
  }
}

function told(what: VcsHappening): Told {
  return { kind: "told", what };
}

function ignored(because: string): Told {
  return { kind: "ignored", because };
}

function unread(kind: string): Told {
  return ignored(`The ${kind} event lacks what it should say.`);
}

function reading<T>(
  kind: string,
  schema: z.ZodType<T>,
  payload: unknown,
  then: (hook: T) => Told,
): Told {
  const parsed = schema.safeParse(payload);
  return parsed.success ? then(parsed.data) : unread(kind);
}

function readMergeRequest({
  object_attributes: { iid: number, action, oldrev },
  changes,
}: z.infer<typeof mergeRequestHookSchema>): Told {
  switch (action) {
    case "open":
      return told({ kind: "pull_request", number, action: "opened" });
    case "reopen":
      return told({ kind: "pull_request", number, action: "reopened" });
    case "close":
    case "merge":
      return told({ kind: "pull_request", number, action: "closed" });
    case "update":
      return readUpdate(number, oldrev ?? "", changes ?? {});
    // One person's word, and that by which the project's rules are met or no longer met.
    case "approval":
    case "approved":
    case "unapproval":
    case "unapproved":
      return told({ kind: "review", number });
    default:
      return ignored(`Nothing follows from merge_request.${action ?? "without an action"}.`);
  }
}

/** Every edit is an update: labels, assignees and the like are none of ours. */
function readUpdate(
  number: number,
  oldrev: string,
  changes: Readonly<Record<string, unknown>>,
): Told {
  if (oldrev !== "") return told({ kind: "pull_request", number, action: "pushed" });
  const draft = draftChangeSchema.safeParse(changes["draft"]);
  if (draft.success) {
    return told({ kind: "pull_request", number, action: draft.data.current ? "draft" : "ready" });
  }
  if ("title" in changes || "target_branch" in changes) {
    return told({ kind: "pull_request", number, action: "edited" });
  }
  // Among them whoever asks for changes.
  if ("reviewers" in changes) return told({ kind: "review", number });
  return ignored("Nothing follows from what was edited.");
}

async function readNote(
  { user, object_attributes: note, merge_request: on }: z.infer<typeof noteHookSchema>,
  self: Self,
): Promise<Told> {
  if (note.noteable_type !== "MergeRequest" || on == null) {
    return ignored("The comment is not on a merge request.");
  }
  if (note.system === true) return ignored("GitLab itself wrote the note.");
  if (note.action != null && note.action !== "create") {
    return ignored("An edited comment is no command; write a new one.");
  }
  if (note.author_id !== user.id) return ignored("The comment is told by another than its author.");
  // By its end, too: who we are may be out of reach just now.
  if (carriesMarker(note.note)) return ignored("The comment is our own, or a copy of it.");
  const us = await self();
  if (us.kind === "ok" && us.value === user.id) return ignored("The comment is our own.");
  return told({
    kind: "comment",
    number: on.iid,
    commentId: note.id,
    author: user,
    body: note.note,
  });
}

const HEADS = "refs/heads/";
const NO_COMMIT = /^0+$/;

function readPush({ ref, after }: z.infer<typeof pushHookSchema>): Told {
  if (!ref.startsWith(HEADS)) return ignored("The push is not to a branch.");
  const commit = parseCommitSha(after);
  if (commit === undefined || NO_COMMIT.test(commit)) return ignored("The branch is gone.");
  return told({ kind: "branch_pushed", branch: ref.slice(HEADS.length), after: commit });
}

const OVER: ReadonlySet<string> = new Set(["success", "failed", "canceled", "skipped"]);
/** Ours are started by the API; all others are somebody else's. */
const SOURCES: ReadonlySet<string> = new Set(["api", "trigger"]);

function readPipeline({
  object_attributes: { id, status, source },
}: z.infer<typeof pipelineHookSchema>): Told {
  if (!OVER.has(status)) return ignored("The pipeline is not over.");
  if (source != null && !SOURCES.has(source)) return ignored("The pipeline is somebody else's.");
  return told({ kind: "ci_ended", ciRun: id });
}

/** A job ends before its pipeline does where the project's CI file adds others to it. */
function readJob({
  build_name: name,
  build_status: status,
  pipeline_id: id,
}: z.infer<typeof jobHookSchema>): Told {
  if (!OVER.has(status)) return ignored("The job is not over.");
  if (!/^terrane(?::|$)/.test(name)) return ignored("The job is somebody else's.");
  return told({ kind: "ci_ended", ciRun: id });
}
