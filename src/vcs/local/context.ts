import type { Instant } from "../../base/brand.ts";
import type { AccountId } from "../../core/ids.ts";
import { allows, type Permission } from "../../core/pull-request.ts";
import type { VcsEvent, VcsHappening } from "../../core/vcs-event.ts";
import type {
  ForgeAccount,
  ForgePullRequest,
  ForgeRepository,
  ForgeStore,
} from "../../ports/forge-store.ts";
import type { VcsFailure, VcsResult } from "../../ports/vcs.ts";
import type { CommitFacts } from "../git/commit-facts.ts";
import { defaultBranch } from "../git/ref.ts";
import { type BareRepository, GitError } from "../git/run.ts";

/** The one thing that the local forge is installed on: this host. */
export const LOCAL_INSTALLATION = "local";

export interface ForgeLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What every part of the local forge needs. */
export interface ForgeContext {
  readonly store: ForgeStore;
  readonly now: () => Instant;
  /** A new unique id, safe in paths and URLs. */
  readonly newId: () => string;
  /** `PATH` for git. */
  readonly searchPath: string;
  readonly log: ForgeLog;
  readonly facts: CommitFacts;
  readonly pullRequestUrl: (fullName: string, number: number) => string | undefined;
}

export function bare(context: ForgeContext, repository: ForgeRepository): BareRepository {
  return { dir: repository.bareDir, searchPath: context.searchPath };
}

export async function forgeEvents(
  context: ForgeContext,
  repository: ForgeRepository,
): Promise<(what: VcsHappening) => VcsEvent> {
  const branch = await defaultBranch(bare(context, repository));
  return (what) => ({
    deliveryId: context.newId(),
    installation: LOCAL_INSTALLATION,
    repository: { id: repository.id, fullName: repository.fullName, defaultBranch: branch },
    what,
  });
}

export function ok<T>(value: T): VcsResult<T> {
  return { kind: "ok", value };
}

export function notFound(message: string): VcsFailure {
  return { kind: "not_found", message };
}

export function rejected(message: string): VcsFailure {
  return { kind: "rejected", message };
}

/** Git that cannot be asked is nobody's fault here and worth another try; everything else is a bug. */
export async function answer<T>(ask: () => Promise<VcsResult<T>>): Promise<VcsResult<T>> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { kind: "unavailable", message: error.message, retryAfterMs: undefined };
  }
}

export async function findRepository(
  context: ForgeContext,
  id: string,
): Promise<VcsResult<ForgeRepository>> {
  const repository = await context.store.repository(id);
  return repository === undefined ? notFound(`There is no repository ${id}.`) : ok(repository);
}

export interface FoundPull {
  readonly repository: ForgeRepository;
  readonly pull: ForgePullRequest;
}

export async function findPull(
  context: ForgeContext,
  repositoryId: string,
  number: number,
): Promise<VcsResult<FoundPull>> {
  const repository = await findRepository(context, repositoryId);
  if (repository.kind !== "ok") return repository;
  const pull = Number.isSafeInteger(number)
    ? await context.store.pullRequest({ repository: repositoryId, number })
    : undefined;
  if (pull === undefined) {
    return notFound(`There is no pull request #${number} in ${repository.value.fullName}.`);
  }
  return ok({ repository: repository.value, pull });
}

/** The person, if they may do it here. */
export async function authorize(
  context: ForgeContext,
  repository: ForgeRepository,
  person: AccountId,
  needs: Permission,
  what: string,
): Promise<VcsResult<ForgeAccount>> {
  const account = await context.store.account(person);
  if (account === undefined) return notFound(`There is no account ${person}.`);
  const has = (await context.store.permission(repository.id, person)) ?? "none";
  if (allows(has, needs)) return ok(account);
  const message = `${account.login} has ${has} permission in ${repository.fullName}; to ${what} takes ${needs}.`;
  return { kind: "forbidden", message };
}
