import { z } from "zod";
import type { CiJob, CiStart, ExistingRunner } from "../ports/ci.ts";
import type { RepositoryRef } from "../ports/vcs.ts";
import { type GitlabApi, projectPath } from "./gitlab-api.ts";
import { NO_TAGS, type Parameters, tagsOf } from "./gitlab-told.ts";

/** What its CI file cannot do without. Jobs and files are called as people like, these are not. */
const INPUTS = ["WORK_TOKEN", "API_BASE_URL"];
const ALL_INPUTS = "TERRATEAM_TRIGGER, WORK_TOKEN, API_BASE_URL and RUNS_ON";

const fileSchema = z.object({ content: z.string(), encoding: z.literal("base64") });

/** The CI file of an existing runner, where the branch has one. */
export async function findExistingRunner(
  api: GitlabApi,
  repository: RepositoryRef,
  branch: string,
  ciFiles: readonly string[],
): Promise<CiStart | undefined> {
  for (const path of ciFiles) {
    const answer = await api.send(repository, {
      method: "GET",
      path: projectPath(repository.id, `/repository/files/${encodeURIComponent(path)}`),
      query: { ref: branch },
    });
    // Whether there is one is not known, so nothing may be concluded.
    if (answer.kind === "unavailable") return answer;
    const file = fileSchema.safeParse(answer.kind === "ok" ? answer.value : undefined);
    if (!file.success) continue;
    const text = Buffer.from(file.data.content, "base64").toString("utf8");
    if (isOfExistingRunner(text)) return { kind: "existing_runner", workflow: path, path };
  }
  return undefined;
}

/** Whether the header of a CI file (`spec`, before the first `---`) declares what such a runner is told. */
export function isOfExistingRunner(text: string): boolean {
  const documents = text.split(/^---[^\S\n]*$/m).filter((part) => /^[^\S\n]*[^\s#]/m.test(part));
  const [header = ""] = documents;
  if (documents.length < 2 || !/^spec[^\S\n]*:/m.test(header)) return false;
  const declared = new Set(
    [...header.matchAll(/^[^\S\n]+(["']?)(\w+)\1[^\S\n]*:/gm)].map((match) => match[2]),
  );
  return INPUTS.every((name) => declared.has(name));
}

/** What its job is told, or why it cannot be. Nothing is left out: the job would have other secrets. */
export function toldExisting(
  job: CiJob,
  { workToken, apiBaseUrl }: ExistingRunner,
  parameters: Parameters,
): Readonly<Record<string, unknown>> | string {
  if (job.environment !== undefined) {
    return `The configuration asks for the environment ${job.environment}, and the CI file of an existing runner cannot be told of one. Name it in that file, or run \`terrane setup gitlab\`.`;
  }
  const tags = job.runsOn === undefined ? undefined : tagsOf(job.runsOn);
  if (typeof tags === "string") return tags;
  const inputs = { TERRATEAM_TRIGGER: "true", WORK_TOKEN: workToken, API_BASE_URL: apiBaseUrl };
  if (parameters === "inputs") {
    return { inputs: { ...inputs, ...(tags && { RUNS_ON: tags }) } };
  }
  if (tags !== undefined) return NO_TAGS;
  return { variables: Object.entries(inputs).map(([key, value]) => ({ key, value })) };
}

/** What people can do about a refusal: the file that counts is that of the pull request's branch. */
export function existingAdvice(message: string, branch: string, defaultBranch: string): string {
  if (/reference not found/i.test(message)) {
    return `The branch ${branch} is gone: push it again.`;
  }
  if (
    /input|missing .*ci.* (?:file|config)|rules configuration|would have been empty/i.test(message)
  ) {
    return `The CI file of the branch ${branch} has to take the inputs ${ALL_INPUTS}, each with a default, and let its job run then: merge ${defaultBranch} into it, which has such a file.`;
  }
  return "";
}
