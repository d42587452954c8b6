import { z } from "zod";
import type { CiJob } from "../ports/ci.ts";

/**
 * How a job is told its attempt. `inputs` change nothing but what the CI file declares; `variables` are for a
 * GitLab before 17.10 and override whatever has the same name.
 */
export type Parameters = "inputs" | "variables";

const TITLE_CHARS_MAX = 200;
const NO_ENVIRONMENT = "none";

/** The names that the CI file with variables reads. */
const VARIABLES: Readonly<Record<string, string>> = {
  attempt: "TERRANE_ATTEMPT",
  server_url: "TERRANE_STARTED_BY",
  title: "TERRANE_TITLE",
  environment: "TERRANE_ENVIRONMENT",
};

/**
 * What the job is told, or why it cannot be. The attempt says which job it is and opens nothing by itself (P6). An
 * environment or a machine that cannot be asked for is never left out: the job would have other secrets.
 */
export function told(
  job: CiJob,
  parameters: Parameters,
): Readonly<Record<string, unknown>> | string {
  if (job.environment === NO_ENVIRONMENT) {
    return `An environment cannot be called ${NO_ENVIRONMENT}: that is how the CI file is told that there is none.`;
  }
  const tags = job.runsOn === undefined ? undefined : tagsOf(job.runsOn);
  if (typeof tags === "string") return tags;
  const inputs = {
    attempt: job.attempt,
    server_url: job.serverUrl,
    title: job.title.slice(0, TITLE_CHARS_MAX),
    ...(job.environment === undefined ? {} : { environment: job.environment }),
  };
  const secret = job.code === undefined ? [] : [codeVariable(job.code)];
  if (parameters === "inputs") {
    const variables = secret.length === 0 ? {} : { variables: secret };
    return { inputs: { ...inputs, ...(tags && { runs_on: tags }) }, ...variables };
  }
  if (tags !== undefined) return NO_TAGS;
  const entries = Object.entries(inputs);
  const plain = entries.map(([name, value]) => ({ key: VARIABLES[name], value }));
  return { variables: [...plain, ...secret] };
}

export const NO_TAGS =
  "The tags of `runs_on` travel as an input only, and this server is set to use variables.";

/** As a file: then the environment of the job, which scripts like to print, has its place and not what is in it. */
function codeVariable(value: string): Readonly<Record<string, string>> {
  return { key: "TERRANE_CODE_FILE", value, variable_type: "file" };
}

const tagsSchema = z.union([
  z.string().transform((tag) => [tag]),
  z.array(z.string().min(1).max(255)).max(100),
]);

/** `runs_on` is the name of a runner or a list of its labels; here that is a list of tags. */
export function tagsOf(runsOn: string): readonly string[] | string {
  try {
    const tags = tagsSchema.safeParse(JSON.parse(runsOn));
    if (tags.success) return tags.data;
  } catch {
    // Said below.
  }
  return `\`runs_on\` is ${runsOn}, which is neither a tag nor a list of tags.`;
}
