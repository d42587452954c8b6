import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GitLabDouble } from "./gitlab-double/index.ts";
import { finishJob, type Job, startJob } from "./gitlab-double/world.ts";

export interface RanJob {
  readonly log: string;
  readonly code: number | null;
}

type Variables = Readonly<Record<string, string>>;

interface Definition {
  readonly script?: readonly string[];
  readonly variables?: Variables;
  readonly id_tokens?: Readonly<Record<string, { readonly aud: string }>>;
}

/**
 * A machine that takes a job as GitLab's own runner does in a shell: the script of its CI file as one process, in the
 * environment that project, pipeline and job give it, with a token for each audience.
 */
export async function runGitlabJob(double: GitLabDouble, job: Job, dir: string): Promise<RanJob> {
  const { world } = double;
  startJob(world, job);
  const home = join(dir, `job-${job.id}`);
  mkdirSync(home, { recursive: true });
  const definition = job.definition as Definition;
  const variables = variablesOf(double, job, home, definition.variables ?? {});
  const env: Record<string, string> = { ...variables };
  for (const [name, { aud }] of Object.entries(definition.id_tokens ?? {})) {
    env[name] = await world.oidc.token(world, job, expanded(aud, variables));
  }
  const ran = await run((definition.script ?? []).join("\n"), home, env);
  if (ran.code === 0) finishJob(world, job, "success");
  else finishJob(world, job, "failed", "script_failure");
  return ran;
}

/** Those of the pipeline win over those of the project, and these over those of the job. */
function variablesOf(double: GitLabDouble, job: Job, home: string, own: Variables): Variables {
  const { project, variables: given, ref } = job.pipeline;
  const files = given.map(({ key, value, variable_type: type }) => {
    if (type === "env_var") return [key, value] as const;
    const path = join(home, key);
    writeFileSync(path, value, { mode: 0o600 });
    return [key, path] as const;
  });
  const predefined = {
    CI: "true",
    CI_JOB_ID: String(job.id),
    CI_JOB_TOKEN: `glcbt-${job.id}`,
    CI_COMMIT_BRANCH: ref,
    CI_PROJECT_URL: `${double.url}/${project.path}`,
  };
  const outer = { ...predefined, ...Object.fromEntries(project.variables) };
  const scope = { ...predefined, ...own, ...outer, ...Object.fromEntries(files) };
  return Object.fromEntries(
    Object.entries(scope).map(([name, value]) => [name, expanded(value, scope)]),
  );
}

function expanded(text: string, variables: Variables): string {
  return text.replaceAll(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (_all, plain: string | undefined, braced: string | undefined) =>
      variables[plain ?? braced ?? ""] ?? "",
  );
}

function run(script: string, home: string, env: Variables): Promise<RanJob> {
  const child = spawn("sh", ["-e", "-c", script], {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, TMPDIR: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ log, code }));
  });
}
