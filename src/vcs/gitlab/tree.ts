import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import type { TreeFile } from "../git/diff-listings.ts";
import { type GitlabClient, ok, PER_PAGE, projectPath } from "./client.ts";
import { unreadable } from "./failure.ts";
import { treeSchema } from "./schema.ts";

/** A tree that is larger than this is a mistake, or an attack on our memory. */
const PAGES_MAX = 20_000;

/** Every file and submodule at a commit, page after page: each names the next, so that nothing is left out or comes twice. */
export async function listFiles(
  client: GitlabClient,
  repo: RepositoryRef,
  commit: string,
): Promise<VcsResult<readonly TreeFile[]>> {
  const files: TreeFile[] = [];
  let token: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const request = {
      method: "GET",
      path: projectPath(repo, "/repository/tree"),
      query: {
        ref: commit,
        recursive: "true",
        pagination: "keyset",
        per_page: String(PER_PAGE),
        ...(token === undefined ? {} : { page_token: token }),
      },
    } as const;
    const answer = await client.linked(request, treeSchema);
    if (answer.kind !== "ok") return answer;
    for (const { type, path, id: sha, mode } of answer.value.value) {
      if (type !== "tree") files.push({ path, sha, mode });
    }
    const next = nextToken(answer.value.link);
    if (next === undefined) return ok(files);
    // Otherwise we would turn in circles.
    if (next === token)
      return unreadable(`GET ${request.path}`, "its pages lead back to one another");
    token = next;
  }
  const message = `The repository has more than ${PAGES_MAX * PER_PAGE} entries.`;
  return { kind: "rejected", message };
}

/** `<https://…?page_token=…>; rel="next"`, one of several links. */
function nextToken(link: string | undefined): string | undefined {
  const next = /<([^>]*)>;\s*rel="next"/.exec(link ?? "")?.[1];
  if (next === undefined || !URL.canParse(next)) return undefined;
  return new URL(next).searchParams.get("page_token") ?? undefined;
}
