import { z } from "zod";
import type { CiStart } from "../ports/ci.ts";
import type { RepositoryRef } from "../ports/vcs.ts";
import { type ActionsApi, repositoryPath } from "./github-actions-api.ts";

/** As its template names it; people rename the file more often than that. */
const NAME = "Terrateam Workflow";
const PATHS: ReadonlySet<string> = new Set([
  ".github/workflows/terrateam.yml",
  ".github/workflows/terrateam.yaml",
]);
/** One page; a repository with more workflows than these has its file under the usual path. */
const WORKFLOWS_LOOKED_AT = 100;

const listSchema = z.object({
  workflows: z.array(
    z.object({
      id: z.union([z.number(), z.bigint()]).transform(String),
      name: z.string(),
      path: z.string(),
      state: z.string(),
    }),
  ),
});

/** Whether a refused dispatch was refused because the workflow is made for an existing runner. */
export function isExistingRunner(message: string): boolean {
  return (
    /Unexpected inputs provided: \[[^\]]*"attempt"/.test(message) ||
    message.includes("Required input 'work-token' not provided")
  );
}

/** The workflow of an existing runner, where the repository has one: by its name, or else by its path. */
export async function findExistingRunner(
  api: ActionsApi,
  repository: RepositoryRef,
): Promise<CiStart | undefined> {
  const answer = await api.send(repository, `GET ${repositoryPath("/actions/workflows")}`, {
    repository_id: repository.id,
    per_page: WORKFLOWS_LOOKED_AT,
  });
  // Whether there is one is not known, so nothing may be concluded.
  if (answer.kind === "unavailable") return answer;
  const list = listSchema.safeParse(answer.kind === "ok" ? answer.value.data : undefined);
  if (!list.success) return undefined;
  const active = list.data.workflows.filter(({ state }) => state === "active");
  const found =
    active.find(({ name }) => name === NAME) ?? active.find(({ path }) => PATHS.has(path));
  if (found === undefined) return undefined;
  return { kind: "existing_runner", workflow: found.id, path: found.path };
}
