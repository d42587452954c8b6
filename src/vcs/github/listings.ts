import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import type { TreeFile } from "../git/diff-listings.ts";
import type { GithubClient } from "./client.ts";
import { Remembered } from "./remembered.ts";
import { listFiles } from "./tree.ts";

/** Of all repositories together; some hundred bytes each. */
const FILES_MAX = 200_000;

/** Whole listings of commits, which never change: read once, also by those who ask at the same time. */
export class Listings {
  readonly #known = new Remembered<readonly TreeFile[]>(FILES_MAX, (files) => files.length + 1);
  readonly #reading = new Map<string, Promise<VcsResult<readonly TreeFile[]>>>();

  known(repo: RepositoryRef, commit: string): readonly TreeFile[] | undefined {
    return this.#known.get(`${repo.id} ${commit}`);
  }

  async at(
    client: GithubClient,
    repo: RepositoryRef,
    commit: string,
  ): Promise<VcsResult<readonly TreeFile[]>> {
    const value = this.known(repo, commit);
    if (value !== undefined) return { kind: "ok", value };
    const key = `${repo.id} ${commit}`;
    const others = this.#reading.get(key);
    if (others !== undefined) return await others;
    const reading = this.#read(client, repo, commit, key);
    this.#reading.set(key, reading);
    return await reading.finally(() => this.#reading.delete(key));
  }

  async #read(
    client: GithubClient,
    repo: RepositoryRef,
    commit: string,
    key: string,
  ): Promise<VcsResult<readonly TreeFile[]>> {
    const listed = await listFiles(client, repo, commit);
    if (listed.kind === "ok") this.#known.put(key, listed.value);
    return listed;
  }
}
