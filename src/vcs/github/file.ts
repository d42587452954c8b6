import type { CommitSha } from "../../core/ids.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";

/** One UTF-16 unit takes at most this many bytes in UTF-8. */
const BYTES_PER_CHAR_MAX = 3;
/** Commits known to exist, so that a file's absence needs no second call. */
const COMMITS_MAX = 5_000;

/** Reads files at commits. */
export class FileReader {
  readonly #client: GithubClient;
  /** `<repository> <commit>`, once seen there for ever. */
  readonly #commits = new Set<string>();

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** The text, `undefined` where the commit has no such file, `not_found` where there is no such commit. */
  async read(
    repo: RepositoryRef,
    commit: CommitSha,
    path: string,
    charsMax: number,
  ): Promise<VcsResult<string | undefined>> {
    const answer = await this.#client.send(repo, `GET ${repositoryPath("/contents/{path}")}`, {
      ...of(repo),
      path,
      ref: commit,
      // The default media type ends at 1 MB, and wraps in base64 what we would only unwrap.
      headers: { accept: "application/vnd.github.raw+json" },
      // As a stream: what is too large is not read to its end.
      request: { parseSuccessResponseBody: false },
    });
    if (answer.kind === "not_found") return await this.#absent(repo, commit, answer.message);
    if (answer.kind !== "ok") return answer;
    this.#saw(repo, commit);
    const { data, headers } = answer.value;
    const bytes = await readBytes(data, charsMax * BYTES_PER_CHAR_MAX);
    // A directory answers with its listing, a submodule with its address.
    if (String(headers["content-type"]).startsWith("application/json")) return ok(undefined);
    const text = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    if (text === undefined || text.length > charsMax) {
      return { kind: "rejected", message: `${path} is longer than ${charsMax} characters.` };
    }
    return ok(text);
  }

  /** A missing file, commit and repository all answer 404: the commit tells which. */
  async #absent(
    repo: RepositoryRef,
    commit: CommitSha,
    message: string,
  ): Promise<VcsResult<undefined>> {
    if (this.#commits.has(`${repo.id} ${commit}`)) return ok(undefined);
    const route = `GET ${repositoryPath("/git/commits/{commit_sha}")}`;
    const found = await this.#client.send(repo, route, { ...of(repo), commit_sha: commit });
    if (found.kind === "not_found") return { kind: "not_found", message };
    if (found.kind !== "ok") return found;
    this.#saw(repo, commit);
    return ok(undefined);
  }

  #saw(repo: RepositoryRef, commit: CommitSha): void {
    if (this.#commits.size >= COMMITS_MAX) this.#commits.clear();
    this.#commits.add(`${repo.id} ${commit}`);
  }
}

/** The whole body, or undefined when it is longer than `max`. */
async function readBytes(data: unknown, max: number): Promise<Uint8Array | undefined> {
  if (!(data instanceof ReadableStream)) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of data as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (length > max) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
