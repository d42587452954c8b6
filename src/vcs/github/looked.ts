import type { Instant } from "../../base/brand.ts";
import type { AccountId, CommitSha } from "../../core/ids.ts";
import type { CommitCheck, PullRequestView } from "../../core/pull-request.ts";
import type { FileRead, RepositoryRef, Sibling } from "../../ports/vcs.ts";
import { Remembered } from "./remembered.ts";

/** What can change is given out once, and not after this long: whoever decides asks one thing right after the other. */
const FRESH_MS = 5_000;
const EACH_MAX = 5_000;
/** Configuration files, which may be long. */
const FILES_CHARS_MAX = 16 * 1024 * 1024;

/** What one look told besides what it was made for; absent where the look could not tell for sure. */
export interface Besides {
  readonly checks?: readonly CommitCheck[];
  readonly sibling?: { readonly found: Sibling | undefined };
  /** Of each commit, those of the files that are there. */
  readonly files: readonly (readonly [CommitSha, ReadonlyMap<string, FileRead>])[];
  /** Nothing but this commit leads from the head into the past of the base: the two have it as their merge base. */
  readonly fork?: CommitSha;
  readonly noComments: boolean;
  readonly noChecks: boolean;
}

interface At<T> {
  readonly begunAt: number;
  readonly value: T;
}

/** Remembers what looks told, so that nothing is asked twice within a decision. */
export class Looked {
  readonly #now: () => number;
  readonly #checks = new Remembered<At<readonly CommitCheck[]>>(EACH_MAX);
  readonly #siblings = new Remembered<At<{ readonly found: Sibling | undefined }>>(EACH_MAX);
  readonly #files = new Remembered<ReadonlyMap<string, FileRead>>(FILES_CHARS_MAX, charsOf);
  readonly #forks = new Remembered<true>(EACH_MAX);
  /** When the look began. */
  readonly #without = new Remembered<number>(EACH_MAX);
  readonly #logins = new Remembered<string>(EACH_MAX);

  constructor(now: () => number) {
    this.#now = now;
  }

  keep(repo: RepositoryRef, begunAt: number, view: PullRequestView, besides: Besides): void {
    const { headSha, baseSha, number } = view;
    const at = <T>(value: T): At<T> => ({ begunAt, value });
    if (besides.checks !== undefined)
      putNewer(this.#checks, `${repo.id} ${headSha}`, at(besides.checks));
    if (besides.sibling !== undefined) putNewer(this.#siblings, repo.id, at(besides.sibling));
    for (const [commit, files] of besides.files) this.#files.put(`${repo.id} ${commit}`, files);
    if (besides.fork === baseSha) this.#forks.put(`${repo.id} ${baseSha} ${headSha}`, true);
    if (besides.noComments) this.#without.put(`${repo.id} #${number}`, begunAt);
    if (besides.noChecks) this.#without.put(`${repo.id} ${headSha}`, begunAt);
    for (const { id, login } of [view.author, ...view.reviews.map((one) => one.reviewer)])
      this.#logins.put(id, login);
  }

  keepLogin(account: AccountId, login: string): void {
    this.#logins.put(account, login);
  }

  checks(repo: RepositoryRef, commit: CommitSha): readonly CommitCheck[] | undefined {
    return this.#once(this.#checks, `${repo.id} ${commit}`);
  }

  forgetChecks(repo: RepositoryRef, commit: CommitSha): void {
    this.#checks.forget(`${repo.id} ${commit}`);
  }

  sibling(repo: RepositoryRef): { readonly found: Sibling | undefined } | undefined {
    return this.#once(this.#siblings, repo.id);
  }

  /** Those of the paths that are there; undefined where not all of them were looked for. */
  files(
    repo: RepositoryRef,
    commit: CommitSha,
    paths: readonly string[],
  ): readonly FileRead[] | undefined {
    const known = this.#files.get(`${repo.id} ${commit}`);
    if (known === undefined) return undefined;
    return paths.flatMap((path) => known.get(path) ?? []);
  }

  isFork(repo: RepositoryRef, base: CommitSha, head: CommitSha): boolean {
    return this.#forks.get(`${repo.id} ${base} ${head}`) === true;
  }

  /** Nobody had written a comment of ours there when it was looked at, then or later. */
  hadNoComment(repo: RepositoryRef, number: number, since: Instant | undefined): boolean {
    return this.#hadNone(`${repo.id} #${number}`, since);
  }

  hadNoCheck(repo: RepositoryRef, commit: CommitSha, since: Instant | undefined): boolean {
    return this.#hadNone(`${repo.id} ${commit}`, since);
  }

  /** As it was a while ago: names change hands, so whoever uses it compares the id in the answer (S15). */
  login(account: AccountId): string | undefined {
    return this.#logins.get(account);
  }

  #hadNone(key: string, since: Instant | undefined): boolean {
    const begunAt = this.#without.get(key);
    return begunAt !== undefined && since !== undefined && begunAt > since;
  }

  #once<T>(from: Remembered<At<T>>, key: string): T | undefined {
    const known = from.get(key);
    if (known === undefined) return undefined;
    from.forget(key);
    const age = this.#now() - known.begunAt;
    return age >= 0 && age <= FRESH_MS ? known.value : undefined;
  }
}

/** Of two looks side by side the one that began later knows more. */
function putNewer<T>(into: Remembered<At<T>>, key: string, one: At<T>): void {
  const known = into.get(key);
  if (known === undefined || known.begunAt <= one.begunAt) into.put(key, one);
}

function charsOf(files: ReadonlyMap<string, FileRead>): number {
  let chars = 100;
  for (const file of files.values()) chars += file.kind === "text" ? file.text.length : 100;
  return chars;
}
