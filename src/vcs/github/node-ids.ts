import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { repositorySchema } from "./schema.ts";

/** Repositories whose ids are remembered; they never change. */
const IDS_MAX = 20_000;

/** GraphQL knows a repository by another id than everything else does, and its numbers are too small for ours. */
export class NodeIds {
  readonly #client: GithubClient;
  readonly #nodeOf = new Map<string, string>();
  readonly #idOf = new Map<string, string>();

  constructor(client: GithubClient) {
    this.#client = client;
  }

  async of(repo: RepositoryRef): Promise<VcsResult<string>> {
    const known = this.#nodeOf.get(repo.id);
    if (known !== undefined) return ok(known);
    const route = `GET ${repositoryPath("")}`;
    const found = await this.#client.call(repo, route, of(repo), repositorySchema);
    if (found.kind !== "ok") return found;
    this.#learn(found.value);
    return ok(found.value.node_id);
  }

  /** The id of a repository that GraphQL showed; undefined where its name has gone to another one since. */
  async idOf(
    caller: { readonly installation: string },
    nodeId: string,
    fullName: string,
  ): Promise<VcsResult<string | undefined>> {
    const known = this.#idOf.get(nodeId);
    if (known !== undefined) return ok(known);
    const slash = fullName.indexOf("/");
    const called = { owner: fullName.slice(0, slash), repo: fullName.slice(slash + 1) };
    const route = "GET /repos/{owner}/{repo}";
    const found = await this.#client.call(caller, route, called, repositorySchema);
    if (found.kind === "not_found") return ok(undefined);
    if (found.kind !== "ok") return found;
    this.#learn(found.value);
    return ok(this.#idOf.get(nodeId));
  }

  #learn({ id, node_id: nodeId }: { readonly id: string; readonly node_id: string }): void {
    if (this.#nodeOf.size >= IDS_MAX) {
      this.#nodeOf.clear();
      this.#idOf.clear();
    }
    this.#nodeOf.set(id, nodeId);
    this.#idOf.set(nodeId, id);
  }
}
