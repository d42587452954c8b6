import type { CommitSha } from "../../core/ids.ts";
import type { FileRead, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import { segment } from "./paths.ts";

/** One UTF-16 unit takes at most this many bytes in UTF-8. */
const BYTES_PER_CHAR_MAX = 3;
/** Commits known to exist, so that a file's absence needs no second call. */
const COMMITS_MAX = 5_000;
/** Files read at a time. */
const PARALLEL = 4;

/** Reads files at commits. */
export class FileReader {
  readonly #client: GitlabClient;
  /** `<project> <commit>`, once seen there for ever. */
  readonly #commits = new Set<string>();

  constructor(client: GitlabClient) {
    this.#client = client;
  }

  /** The text, `undefined` where the commit has no such file, `not_found` where there is no such commit. */
  async read(
    repo: RepositoryRef,
    commit: CommitSha,
    path: string,
    charsMax: number,
  ): Promise<VcsResult<string | undefined>> {
    const name = segment(path);
    if (name === undefined) return await this.#absent(repo, commit);
    const answer = await this.#client.ask({
      method: "GET",
      path: projectPath(repo, `/repository/files/${name}/raw`),
      query: { ref: commit },
      bytesMax: charsMax * BYTES_PER_CHAR_MAX,
    });
    if (answer.kind === "not_found") return await this.#absent(repo, commit);
    const tooLong = answer.kind === "ok" ? answer.value.text.length > charsMax : answer.tooLarge;
    if (tooLong === true) {
      return { kind: "rejected", message: `${path} is longer than ${charsMax} characters.` };
    }
    if (answer.kind !== "ok") return answer;
    this.#saw(repo, commit);
    return ok(answer.value.text);
  }

  async readAll(
    repo: RepositoryRef,
    commit: CommitSha,
    paths: readonly string[],
    charsMax: number,
  ): Promise<VcsResult<readonly FileRead[]>> {
    const read: FileRead[] = [];
    for (let at = 0; at < paths.length; at += PARALLEL) {
      const batch = await Promise.all(
        paths.slice(at, at + PARALLEL).map(async (path) => ({
          path,
          found: await this.read(repo, commit, path, charsMax),
        })),
      );
      for (const { path, found } of batch) {
        if (found.kind === "rejected")
          read.push({ path, kind: "unreadable", message: found.message });
        else if (found.kind !== "ok") return found;
        else if (found.value !== undefined) read.push({ path, kind: "text", text: found.value });
      }
    }
    return ok(read);
  }

  /** A missing file, commit and project all answer 404: the commit tells which. */
  async #absent(repo: RepositoryRef, commit: CommitSha): Promise<VcsResult<undefined>> {
    if (this.#commits.has(`${repo.id} ${commit}`)) return ok(undefined);
    const path = projectPath(repo, `/repository/commits/${commit}`);
    const found = await this.#client.ask({ method: "GET", path });
    if (found.kind !== "ok") return found;
    this.#saw(repo, commit);
    return ok(undefined);
  }

  #saw(repo: RepositoryRef, commit: CommitSha): void {
    if (this.#commits.size >= COMMITS_MAX) this.#commits.clear();
    this.#commits.add(`${repo.id} ${commit}`);
  }
}
