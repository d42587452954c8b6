import type { z } from "zod";
import { type Account, type CommitSha, parseCommitSha } from "../../core/ids.ts";
import type { MergeGroup } from "../../core/merge-group.ts";
import type { Button, VcsHappening } from "../../core/vcs-event.ts";
import { BUTTONS, pullOfCheck, RERUN } from "./buttons.ts";
import {
  checkHookSchema,
  commentHookSchema,
  jobHookSchema,
  mergeGroupHookSchema,
  pullRequestHookSchema,
  pushHookSchema,
  reviewHookSchema,
  runHookSchema,
  suiteHookSchema,
} from "./hook-schema.ts";

/** What happened, or why nothing follows from it. */
type Told =
  | { readonly kind: "told"; readonly what: VcsHappening }
  | { readonly kind: "ignored"; readonly because: string };

type PullAction = Extract<VcsHappening, { kind: "pull_request" }>["action"];

const PULL_ACTIONS: Readonly<Record<string, PullAction | undefined>> = {
  opened: "opened",
  synchronize: "pushed",
  reopened: "reopened",
  closed: "closed",
  ready_for_review: "ready",
  converted_to_draft: "draft",
  edited: "edited",
};

/** `undefined`: nothing follows from an event of that name and action. */
type Reading = Told | "unreadable" | undefined;

export function happening(
  name: string,
  action: string | undefined,
  payload: unknown,
  appId: string,
): Reading {
  switch (name) {
    case "pull_request": {
      const known = Object.hasOwn(PULL_ACTIONS, action ?? "")
        ? PULL_ACTIONS[action ?? ""]
        : undefined;
      if (known === undefined) return undefined;
      return reading(pullRequestHookSchema, payload, ({ number }) =>
        told({ kind: "pull_request", number, action: known }),
      );
    }
    case "issue_comment":
      return action === "created" ? readComment(payload, appId) : undefined;
    case "pull_request_review":
      if (action !== "submitted" && action !== "dismissed" && action !== "edited") return undefined;
      return reading(reviewHookSchema, payload, ({ pull_request: { number } }) =>
        told({ kind: "review", number }),
      );
    case "push":
      return reading(pushHookSchema, payload, readPush);
    case "merge_group":
      if (action !== "checks_requested" && action !== "destroyed") return undefined;
      return reading(mergeGroupHookSchema, payload, readMergeGroup);
    case "check_run":
      if (action !== "requested_action" && action !== "rerequested") return undefined;
      return reading(checkHookSchema, payload, (hook) => readCheck(hook, appId));
    case "check_suite":
      if (action !== "rerequested") return undefined;
      return reading(suiteHookSchema, payload, (hook) => readSuite(hook, appId));
    case "workflow_run":
      if (action !== "completed") return undefined;
      return reading(runHookSchema, payload, ({ workflow_run: { id } }) =>
        told({ kind: "ci_ended", ciRun: id }),
      );
    case "workflow_job":
      if (action !== "completed") return undefined;
      return reading(jobHookSchema, payload, ({ workflow_job: { run_id } }) =>
        told({ kind: "ci_ended", ciRun: run_id }),
      );
    default:
      return undefined;
  }
}

function told(what: VcsHappening): Told {
  return { kind: "told", what };
}

function reading<T>(schema: z.ZodType<T>, payload: unknown, then: (value: T) => Told): Reading {
  const parsed = schema.safeParse(payload);
  return parsed.success ? then(parsed.data) : "unreadable";
}

function readComment(payload: unknown, appId: string): Reading {
  return reading(commentHookSchema, payload, ({ issue, comment }) => {
    if (issue.pull_request === undefined) {
      return { kind: "ignored", because: "The comment is on an issue, not on a pull request." };
    }
    if (comment.performed_via_github_app?.id === appId) {
      return { kind: "ignored", because: "The comment is our own." };
    }
    return told({
      kind: "comment",
      number: issue.number,
      commentId: comment.id,
      author: comment.user,
      body: comment.body,
    });
  });
}

const NOT_OURS: Told = { kind: "ignored", because: "The check is of another app." };

function readCheck(
  { check_run: check, requested_action, sender }: z.infer<typeof checkHookSchema>,
  appId: string,
): Told {
  if (check.app?.id !== appId) return NOT_OURS;
  const named = requested_action?.identifier ?? RERUN[check.name];
  const button = BUTTONS.find((one) => one === named);
  if (button === undefined) {
    return { kind: "ignored", because: "The check offers nothing of that name." };
  }
  const number = pullOfCheck(check.external_id ?? "") ?? onlyOne(check.pull_requests);
  return pressed(number, button, sender, check.head_sha);
}

function readSuite(
  { check_suite: suite, sender }: z.infer<typeof suiteHookSchema>,
  appId: string,
): Told {
  if (suite.app?.id !== appId) return NOT_OURS;
  return pressed(onlyOne(suite.pull_requests), "plan", sender, suite.head_sha);
}

function pressed(
  number: number | undefined,
  button: Button,
  actor: Account,
  head: CommitSha,
): Told {
  if (number === undefined) {
    return {
      kind: "ignored",
      because: "The commit belongs to none or to several pull requests.",
    };
  }
  return told({ kind: "pressed", number, button, actor, head });
}

function onlyOne(pulls: readonly { readonly number: number }[]): number | undefined {
  return pulls.length === 1 ? pulls[0]?.number : undefined;
}

const HEADS = "refs/heads/";
const NO_COMMIT = /^0+$/;

function readPush({ ref, after, deleted }: z.infer<typeof pushHookSchema>): Told {
  if (!ref.startsWith(HEADS)) return { kind: "ignored", because: "The push is not to a branch." };
  const commit = parseCommitSha(after);
  const branch = ref.slice(HEADS.length);
  if (branch === "") return { kind: "ignored", because: "The push is not to a branch." };
  if (deleted || commit === undefined || NO_COMMIT.test(commit)) {
    return { kind: "ignored", because: "The branch is gone." };
  }
  return told({ kind: "branch_pushed", branch, after: commit });
}

/** `refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha>`: nothing else says which pull request it is of. */
const QUEUE_REF = /^refs\/heads\/gh-readonly-queue\/.+\/pr-([1-9][0-9]{0,8})-[0-9a-f]+$/;

function readMergeGroup({
  action,
  reason,
  merge_group: { head_sha, head_ref, base_sha, base_ref },
}: z.infer<typeof mergeGroupHookSchema>): Told {
  const number = QUEUE_REF.exec(head_ref)?.[1];
  if (number === undefined || !base_ref.startsWith(HEADS) || base_ref === HEADS) {
    return { kind: "ignored", because: "The merge group names no pull request." };
  }
  const baseRef = base_ref.slice(HEADS.length);
  // Without a reason nothing is known but that the group is no more.
  const state: MergeGroup["state"] =
    action === "checks_requested" ? "checks_wanted" : (reason ?? "dequeued");
  const group = { head: head_sha, base: base_sha, baseRef, state };
  return told({ kind: "merge_group", number: Number(number), group });
}
