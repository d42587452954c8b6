import { verify } from "@octokit/webhooks-methods";
import type { z } from "zod";
import { type AccountId, type CommitSha, parseCommitSha } from "../../core/ids.ts";
import type { MergeGroup } from "../../core/merge-group.ts";
import type { Button, VcsEvent, VcsHappening } from "../../core/vcs-event.ts";
import type { Delivery, Received, WebhookReceiver } from "../../ports/vcs.ts";
import { BUTTONS, pullOfCheck, RERUN } from "./buttons.ts";
import {
  aboutSchema,
  checkHookSchema,
  commentHookSchema,
  envelopeSchema,
  mergeGroupHookSchema,
  pullRequestHookSchema,
  pushHookSchema,
  reviewHookSchema,
  runHookSchema,
  suiteHookSchema,
  type userSchema,
} from "./schema.ts";

/** GitHub sends at most 25 MB and drops what is larger. */
export const DELIVERY_BYTES_MAX = 26 * 1024 * 1024;
const DELIVERY_ID = /^[0-9A-Za-z-]{1,100}$/;

export interface ReceiverOptions {
  /** One, or two while the secret is being changed; never none and never empty. */
  readonly secrets: readonly string[];
  /** Our own comments are not commands. */
  readonly appId: number;
}

/** Verifies, reads and translates GitHub's webhooks. */
export function createReceiver({ secrets, appId }: ReceiverOptions): WebhookReceiver {
  if (secrets.length === 0 || secrets.some((secret) => secret.trim() === "")) {
    throw new Error(
      "The GitHub webhook secret is missing or empty: anybody could send events. Set it here and in the settings of the app.",
    );
  }
  return {
    kind: "github",
    receive: async (delivery) => await receive(delivery, secrets, String(appId)),
  };
}

async function receive(
  { headers, body }: Delivery,
  secrets: readonly string[],
  appId: string,
): Promise<Received> {
  if (body.byteLength > DELIVERY_BYTES_MAX) {
    return rejected(413, `The body is larger than ${DELIVERY_BYTES_MAX} bytes.`);
  }
  const text = decode(body);
  const signature = headers["x-hub-signature-256"] ?? "";
  if (signature === "") return rejected(401, "The header x-hub-signature-256 is missing.");
  if (text === undefined || text === "") return rejected(400, "The body is not UTF-8 text.");
  if (!(await isAuthentic(text, signature, secrets))) {
    return rejected(401, "The signature does not belong to this body.");
  }
  const deliveryId = headers["x-github-delivery"] ?? "";
  const name = headers["x-github-event"] ?? "";
  if (!DELIVERY_ID.test(deliveryId))
    return rejected(400, "The header x-github-delivery is missing.");
  if (name === "") return rejected(400, "The header x-github-event is missing.");
  const payload = parseJson(text);
  if (payload === undefined) return rejected(400, "The body is not JSON.");
  return translate(deliveryId, name, payload, appId);
}

/** Invalid UTF-8 is refused, so that text and signed bytes are one and the same. */
function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** All secrets are tried, whichever matches, so that the time tells nothing about which one is in use. */
async function isAuthentic(
  text: string,
  signature: string,
  secrets: readonly string[],
): Promise<boolean> {
  const verdicts = await Promise.all(secrets.map((secret) => verify(secret, text, signature)));
  return verdicts.includes(true);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value ?? undefined;
  } catch {
    return undefined;
  }
}

function rejected(status: 400 | 401 | 413, because: string): Received {
  return { kind: "rejected", status, because };
}

/** What happened, or why nothing follows from it. */
type Told =
  | { readonly kind: "told"; readonly what: VcsHappening }
  | { readonly kind: "ignored"; readonly because: string };

function translate(deliveryId: string, name: string, payload: unknown, appId: string): Received {
  const envelope = envelopeSchema.safeParse(payload);
  if (!envelope.success) return rejected(400, `The ${name} event lacks what every event has.`);
  const { action, installation, repository } = envelope.data;
  const full = action === undefined ? name : `${name}.${action}`;
  const about =
    repository === undefined
      ? {}
      : { about: { repository: repository.id, number: numberIn(payload) } };
  const ignored = (because: string): Received => ({
    kind: "ignored",
    deliveryId,
    because,
    ...about,
  });
  const found = happening(name, action, payload, appId);
  if (found === undefined) return ignored(`Nothing follows from ${full}.`);
  if (found === "unreadable") return rejected(400, `The ${full} event lacks what it should say.`);
  if (found.kind === "ignored") return ignored(found.because);
  if (installation === undefined)
    return ignored(`${full} did not come through an installation of the app.`);
  if (repository === undefined) return ignored(`${full} names no repository.`);
  const event: VcsEvent = {
    deliveryId,
    installation: installation.id,
    repository: {
      id: repository.id,
      fullName: repository.full_name,
      defaultBranch: repository.default_branch,
    },
    what: found.what,
  };
  return { kind: "event", event };
}

/** The pull request that a delivery is about, wherever it says so. */
function numberIn(payload: unknown): number | undefined {
  const found = aboutSchema.safeParse(payload);
  if (!found.success) return undefined;
  const { number, issue, pull_request } = found.data;
  return number ?? pull_request?.number ?? issue?.number;
}

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

type Reading = Told | "unreadable" | undefined;

function happening(
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
  { id, login }: z.infer<typeof userSchema>,
  head: CommitSha,
): Told {
  if (number === undefined) {
    return {
      kind: "ignored",
      because: "The commit belongs to none or to several pull requests.",
    };
  }
  return told({ kind: "pressed", number, button, actor: { id: id as AccountId, login }, head });
}

function onlyOne(pulls: readonly { readonly number: number }[]): number | undefined {
  return pulls.length === 1 ? pulls[0]?.number : undefined;
}

const HEADS = "refs/heads/";
const NO_COMMIT = /^0+$/;

function readPush({ ref, after, deleted }: z.infer<typeof pushHookSchema>): Told {
  if (!ref.startsWith(HEADS)) return { kind: "ignored", because: "The push is not to a branch." };
  const commit = parseCommitSha(after);
  if (deleted || commit === undefined || NO_COMMIT.test(commit)) {
    return { kind: "ignored", because: "The branch is gone." };
  }
  return told({ kind: "branch_pushed", branch: ref.slice(HEADS.length), after: commit });
}

/** `refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha>`: nothing else says which pull request it is of. */
const QUEUE_REF = /^refs\/heads\/gh-readonly-queue\/.+\/pr-([1-9][0-9]{0,8})-[0-9a-f]+$/;

function readMergeGroup({
  action,
  reason,
  merge_group: { head_sha, head_ref, base_sha, base_ref },
}: z.infer<typeof mergeGroupHookSchema>): Told {
  const number = QUEUE_REF.exec(head_ref)?.[1];
  if (number === undefined || !base_ref.startsWith(HEADS)) {
    return { kind: "ignored", because: "The merge group names no pull request." };
  }
  const baseRef = base_ref.slice(HEADS.length);
  // Without a reason nothing is known but that the group is no more.
  const state: MergeGroup["state"] =
    action === "checks_requested" ? "checks_wanted" : (reason ?? "dequeued");
  const group = { head: head_sha, base: base_sha, baseRef, state };
  return told({ kind: "merge_group", number: Number(number), group });
}
