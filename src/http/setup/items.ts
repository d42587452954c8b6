import { unreachable } from "../../base/unreachable.ts";
import type { DiagnosticView } from "../../contract/configuration.ts";
import type { SetupItem } from "../../contract/setup.ts";
import type { SetupTraces } from "../../ports/view-store.ts";
import type { CiFileState } from "./ci-file.ts";
import type { CiFileGuide, SetupGuide } from "./guide.ts";

/** All that the checklist of a repository is made from. */
export interface SetupFacts {
  readonly fullName: string;
  readonly defaultBranch: string;
  readonly serverUrl: string;
  /** The page of a pull request or of a run, here. */
  readonly pullRequestPage: (number: number) => string;
  readonly runPage: (run: string) => string;
  /** Why it cannot be read; undefined where it can. `away`: nobody refused, and it may be better in a moment. */
  readonly refusal: { readonly message: string; readonly away: boolean } | undefined;
  /** What ends soon that lets this server in, and what to do about it. */
  readonly notice: { readonly message: string; readonly next: string } | undefined;
  /** What keeps webhooks from coming, as the VCS says it. */
  readonly webhookTrouble: { readonly message: string; readonly next: string } | undefined;
  /** Undefined where it could not be looked at, or jobs need none. */
  readonly ciFile: CiFileState | undefined;
  readonly configuration: ConfigurationState | undefined;
  readonly traces: SetupTraces;
}

export interface ConfigurationState {
  /** Undefined where there is none. */
  readonly path: string | undefined;
  readonly errors: readonly DiagnosticView[];
}

type Said = Pick<SetupItem, "state" | "title" | "detail"> &
  Partial<Pick<SetupItem, "next" | "command" | "url">>;

/** The steps in the order in which they are taken; the first that is not done is the one to look at. */
export function setupItems(guide: SetupGuide, facts: SetupFacts): readonly SetupItem[] {
  return [
    item("reach", reach(guide, facts)),
    ...(guide.webhook === undefined ? [] : [item("webhook", webhook(guide.webhook, facts))]),
    ...(guide.ciFile === undefined ? [] : [item("workflow", workflow(guide.ciFile, facts))]),
    item("configuration", configuration(facts)),
    item("pull_request", pullRequest(guide, facts)),
    item("job", job(guide, facts)),
    item("plan", plan(facts)),
    item("apply", apply(facts)),
  ];
}

function item(id: SetupItem["id"], said: Said): SetupItem {
  const { next = null, command = null, url = null, ...rest } = said;
  return { id, ...rest, next, command, url };
}

function reach(guide: SetupGuide, { fullName, refusal, notice }: SetupFacts): Said {
  const title = `${guide.name} lets Terrane read the repository`;
  if (notice !== undefined) {
    return { state: "wrong", title, detail: notice.message, next: notice.next };
  }
  if (refusal === undefined) return { state: "done", title, detail: `${fullName} can be read.` };
  const { message: detail, away } = refusal;
  if (away) return { state: "waiting", title, detail, next: "This page asks again by itself." };
  return { state: "wrong", title, detail, next: guide.reach };
}

function webhook(next: string, { traces, webhookTrouble: trouble }: SetupFacts): Said {
  const title = "Webhooks arrive";
  if (trouble !== undefined) {
    return { state: "wrong", title, detail: trouble.message, next: trouble.next };
  }
  const { heardAt } = traces;
  if (heardAt === undefined) {
    const detail = "Nothing has been heard of this repository. Every push sends a webhook.";
    return { state: "waiting", title, detail, next };
  }
  const at = new Date(heardAt).toISOString().slice(0, 16).replace("T", " ");
  return { state: "done", title, detail: `The last one came at ${at} UTC.` };
}

const WORKFLOW_NEXT =
  "Let Terrane open the pull request that adds it, or write it into a checkout and push it to the default branch.";

function workflow({ command }: CiFileGuide, { ciFile, defaultBranch }: SetupFacts): Said {
  const title = "The workflow file is on the default branch";
  switch (ciFile?.kind) {
    case undefined:
      return {
        state: "waiting",
        title,
        detail: "It can be looked for once the repository can be read.",
      };
    case "missing":
      return {
        state: "waiting",
        title,
        detail: `${defaultBranch} has no file that says how jobs run, so none can be started.`,
        next: WORKFLOW_NEXT,
        command,
      };
    case "good": {
      const detail = ciFile.own
        ? `${ciFile.path} has what it needs.`
        : `${ciFile.path} is as it is shipped.`;
      return { state: "done", title, detail };
    }
    case "existing_runner": {
      const detail = `${ciFile.path} is made for an existing runner, which is served as it is.`;
      return { state: "done", title, detail };
    }
    case "unreadable":
      return { state: "wrong", title, detail: ciFile.message, next: WORKFLOW_NEXT, command };
    case "lacks":
      return {
        state: "wrong",
        title,
        detail: `${ciFile.path} is old or changed. ${ciFile.lacks.join(" ")}`,
        next: "Add that, or replace the file by the one that is shipped.",
        command: `${command} --dry-run`,
      };
    default:
      return unreachable(ciFile);
  }
}

function configuration({ configuration: found }: SetupFacts): Said {
  const title = "The configuration is right";
  if (found === undefined) {
    return { state: "waiting", title, detail: "It can be read once the repository can be." };
  }
  const [error] = found.errors;
  if (error !== undefined) {
    const place = error.line > 0 ? `${error.file}:${error.line}` : error.file;
    const detail = `${place === "" ? "" : `${place}: `}${error.message}.`.replace(/\.\.$/, ".");
    const next = "Correct it; until then pull requests are refused with this reason.";
    return { state: "wrong", title, detail, next, command: "terrane config check" };
  }
  if (found.path !== undefined) return { state: "done", title, detail: `${found.path} is.` };
  const detail =
    "There is none, so directories with code are found by themselves and rules are the usual ones.";
  const next =
    "Fine to begin with; the pull request of the set-up brings one that names what it found.";
  return { state: "done", title, detail, next };
}

function pullRequest(guide: SetupGuide, { traces, ...facts }: SetupFacts): Said {
  const title = "A pull request was seen";
  const number = traces.pullRequest;
  if (number !== undefined) {
    const url = facts.pullRequestPage(number);
    return { state: "done", title, detail: `The first one was #${number}.`, url };
  }
  const pages = guide.pages?.(facts.fullName);
  return {
    state: "waiting",
    title,
    detail: "None has been told of yet.",
    next: "Open one that changes a file with code.",
    url: pages?.newPullRequest ?? null,
  };
}

function job(guide: SetupGuide, { traces, ...facts }: SetupFacts): Said {
  const title = "A job came to this server";
  const { claimed, failedJob, startedJob } = traces;
  if (claimed) {
    const detail = "It knew the address of this server and proved which job it is.";
    return { state: "done", title, detail };
  }
  const command = guide.jobCommand?.(facts.fullName, facts.serverUrl) ?? null;
  if (failedJob !== undefined && !failedJob.started) {
    const said = `The last one could not be started. ${failedJob.message ?? ""}`.trim();
    const next = `${guide.job} Then comment \`terrane plan\`; what was missing may be there by now.`;
    return { state: "waiting", title, detail: said, next, command };
  }
  if (failedJob !== undefined) {
    const { message, url, run } = failedJob;
    return {
      state: "wrong",
      title,
      detail: `A job ended without having come here. ${message ?? ""}`.trim(),
      next: `${guide.job} Then comment \`terrane plan\`.`,
      command,
      url: url ?? facts.runPage(run),
    };
  }
  if (startedJob) return { state: "waiting", title, detail: "One is on its way." };
  const detail =
    "Only a job can tell whether it knows the address of this server; the first pull request starts one.";
  return { state: "waiting", title, detail, next: guide.job, command };
}

function plan({ traces, ...facts }: SetupFacts): Said {
  const title = "Something was planned";
  if (traces.plan !== undefined) {
    const url = facts.pullRequestPage(traces.plan);
    return { state: "done", title, detail: `First in #${traces.plan}.`, url };
  }
  return {
    state: "waiting",
    title,
    detail: "A pull request that touches code is planned by itself.",
  };
}

function apply({ traces, ...facts }: SetupFacts): Said {
  const title = "Something was applied";
  if (traces.apply !== undefined) {
    const url = facts.pullRequestPage(traces.apply);
    return { state: "done", title, detail: `First in #${traces.apply}.`, url };
  }
  const next =
    traces.plan === undefined ? null : "Comment `terrane apply` on a planned pull request.";
  return { state: "waiting", title, detail: "Applies happen when somebody asks for one.", next };
}
