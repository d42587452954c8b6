import { join } from "node:path";
import type { WorkItem } from "../contract/work.ts";
import { type CheckoutOptions, checkout } from "./checkout.ts";
import { hookEnvironment } from "./environment.ts";
import type { CodeSource, Host, HostEnv } from "./host/host.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { Env } from "./process.ts";
import { failureOf } from "./text.ts";
import type { Job } from "./unit-state.ts";

/** Three, and what moved meanwhile. */
const STAGES_MAX = 10;

interface FirstOptions {
  readonly host: Host;
  readonly env: HostEnv;
  /** SHA-256 of the program that reads code, where it is known. */
  readonly indexDigest: string | undefined;
}

export interface ReadOptions {
  readonly source: CodeSource | undefined;
  readonly scratch: string;
  readonly checkout: CheckoutOptions;
  /** Of builders. */
  readonly env: Env;
}

type Ready =
  | { readonly kind: "ready"; readonly job: Job; readonly step: Pick<CheckoutOptions, "step"> }
  | Extract<Prepared, { kind: "over" | "failed" }>;

/** Where what to plan depends on the code, the code is read first and the units come after that. */
export async function readFirst(
  job: Job,
  { host, env: environment, indexDigest: digest }: FirstOptions,
  options: ReadOptions,
): Promise<Ready> {
  const { work, client, stop } = job;
  if (!isPreparing(work)) return { kind: "ready", job, step: {} };
  const head = await checkout(work, { ...options.checkout, step: "head" });
  if (head.kind === "failed") return head;
  const { scratch } = options;
  const { log } = options.checkout;
  const { serverUrl } = host;
  const { root, masker, graceMs } = job;
  const folder = join(scratch, "builders");
  const told = { serverUrl, root, scratch, digest, environment, log };
  const shared = { ...told, masker, stop, graceMs, folder, gitEnv: options.checkout.env };
  let next = work;
  for (let stages = 0; isPreparing(next); stages += 1) {
    if (stages === STAGES_MAX) return tooManyStages();
    const prepared = await prepare(client, next, stop, {
      ...shared,
      env: hookEnvironment(options.env, next, { root: job.root, tmp: shared.folder }),
    });
    if (prepared.kind !== "work") return prepared;
    next = withCloneUrl(prepared.work, options.source);
    log(announced(next));
  }
  return { kind: "ready", job: { ...job, work: next }, step: { step: "again" } };
}

function isPreparing({ prepares: stages = [], units }: WorkItem): boolean {
  return stages.length > 0 && units.length === 0;
}

function tooManyStages(): Extract<Prepared, { kind: "failed" }> {
  const message = `The server asked for more than ${STAGES_MAX} things before it said what there is to plan.`;
  return { kind: "failed", failure: failureOf("index", message) };
}

/** What a job begins with, for its log. */
export function announced({
  kind,
  units,
  prepares = [],
  repository,
  pullRequest,
}: WorkItem): string {
  const first = {
    tree: "listing the files",
    config: "building the configuration",
    index: "reading the code",
  };
  // A server of before says what it has had prepared, beside the units that came of it.
  const [stage] = units.length > 0 ? [] : prepares;
  const what = stage === undefined ? `${kind} of ${units.length}` : first[stage];
  const { number } = pullRequest;
  return `${what} for ${repository.fullName}${number > 0 ? `#${number}` : ""}`;
}

export function withCloneUrl(work: WorkItem, source: CodeSource | undefined): WorkItem {
  return { ...work, repository: { ...work.repository, cloneUrl: source?.cloneUrl ?? null } };
}
