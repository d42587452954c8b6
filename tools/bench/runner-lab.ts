import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import type { WorkUnit } from "../../src/contract/work.ts";
import { REGISTRY_HOST, type Registry, startRegistry } from "../../test/support/registry.ts";
import { Signer } from "../../test/support/release-mirror.ts";
import { ATTEMPT, ID_TOKEN, type RunnerServer } from "../../test/support/runner-server.ts";
import { RUNNER_MINIFIED } from "../bundle-runner.ts";

/** What a provider weighs here; the large ones of the clouds are ten to twenty times as heavy. */
const PROVIDER_BYTES = 24 * 1024 * 1024;

export interface RunnerLab {
  readonly folder: string;
  readonly bundle: string;
  readonly bundleBytes: number;
  readonly bare: string;
  readonly headSha: string;
  /** With a provider, to be initialised. */
  readonly dirs: readonly string[];
  /** Without one, to be planned: the provider of this registry cannot be started. */
  readonly plain: readonly string[];
  /** Terraform's configuration that leads to the registry. */
  readonly cliConfig: string;
  readonly registry: Registry;
  readonly close: () => Promise<void>;
}

/** A repository of directories with one provider and its lock file each, a registry, and the runner as it is shipped. */
export async function startRunnerLab(count: number): Promise<RunnerLab> {
  const folder = mkdtempSync(join(tmpdir(), "terrane-bench-runner-"));
  const ballast = randomBytes(PROVIDER_BYTES);
  const registry = await startRegistry(
    join(folder, "registry"),
    new Signer(folder, "maker"),
    ballast,
  );
  const cliConfig = join(folder, "user.tfrc");
  writeFileSync(cliConfig, registry.cliConfig);
  const bundle = join(folder, "runner.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "../../src/main/runner.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    legalComments: "none",
    ...RUNNER_MINIFIED,
    outfile: bundle,
    logLevel: "warning",
  });
  const dirs = Array.from({ length: count }, (_, at) => `live/d${String(at).padStart(2, "0")}`);
  const plain = dirs.map((dir) => dir.replace("live", "plain"));
  const lock = await lockFile(folder, cliConfig);
  const headSha = commit(folder, [...dirs, ...plain], lock);
  return {
    folder,
    bundle,
    bundleBytes: statSync(bundle).size,
    bare: join(folder, "work", ".git"),
    headSha,
    dirs,
    plain,
    cliConfig,
    registry,
    close: async () => {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function module(dir: string): string {
  const provider = `  required_providers {
    thing = {
      source  = "${REGISTRY_HOST}/acme/thing"
      version = "1.0.0"
    }
  }
`;
  const backend = '  backend "local" {}\n';
  return `terraform {\n${dir.startsWith("plain/") ? "" : provider}${backend}}\n`;
}

/** As terraform itself writes it for such a directory. */
async function lockFile(folder: string, cliConfig: string): Promise<string> {
  const cwd = join(folder, "first");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "main.tf"), module("first"));
  await finished("terraform", ["init", "-input=false"], { cwd, env: toolEnv(cliConfig) });
  return readFileSync(join(cwd, ".terraform.lock.hcl"), "utf8");
}

function commit(folder: string, dirs: readonly string[], lock: string): string {
  const work = join(folder, "work");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd: work,
      encoding: "utf8",
    });
  for (const dir of dirs) {
    mkdirSync(join(work, dir), { recursive: true });
    writeFileSync(join(work, dir, "main.tf"), module(dir));
    if (!dir.startsWith("plain/")) writeFileSync(join(work, dir, ".terraform.lock.hcl"), lock);
  }
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "all");
  return git("rev-parse", "HEAD").trim();
}

export function toolEnv(cliConfig: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: dirname(cliConfig),
    TF_CLI_CONFIG_FILE: cliConfig,
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
  };
}

export interface Finished {
  readonly stdout: string;
  readonly milliseconds: number;
  /** Of the process and all that it started; zero where it was not measured. */
  readonly processorSeconds: number;
  /** The most memory that the process itself had, without its children. */
  readonly peakKb: number;
}

/** As `finished`, with the processor time of all processes below it. */
export async function measured(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<Finished> {
  const script = 'TIMEFORMAT="processor %U %S"; time "$0" "$@"';
  const ran = await finished("bash", ["-c", script, program, ...args], options);
  const [, user, system] = /^processor ([\d.]+) ([\d.]+)$/m.exec(ran.stderr) ?? [];
  return { ...ran, processorSeconds: Number(user) + Number(system) };
}

/** Runs a process to its end, which must be good. */
export async function finished(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<Finished & { readonly stderr: string }> {
  const began = performance.now();
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  let peakKb = 0;
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString("utf8")));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString("utf8")));
  const watch = setInterval(() => (peakKb = Math.max(peakKb, peakOf(child.pid))), 20);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  clearInterval(watch);
  const milliseconds = performance.now() - began;
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${stderr}${stdout}`);
  return { stdout, stderr, milliseconds, peakKb, processorSeconds: 0 };
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** One CI job over these units. */
export async function runJob(
  lab: RunnerLab,
  server: RunnerServer,
  units: readonly WorkUnit[],
  options: { readonly parallel: number; readonly cacheDir: string; readonly how?: typeof measured },
): Promise<Finished> {
  server.offer({
    runId: "run-1",
    kind: "plan",
    repository: { fullName: "acme/infra", cloneUrl: lab.bare },
    pullRequest: { number: 1, headRef: "main", baseRef: "main" },
    headSha: lab.headSha,
    baseSha: lab.headSha,
    reviewedSha: lab.headSha,
    parallel: options.parallel,
    sealKey: randomBytes(32).toString("base64"),
    heartbeatSeconds: 15,
    dashboardUrl: null,
    units: [...units],
  });
  const { how = measured } = options;
  return await how(process.execPath, [lab.bundle], {
    cwd: lab.folder,
    env: {
      ...toolEnv(lab.cliConfig),
      TERRANE_SERVER_URL: server.url,
      TERRANE_ATTEMPT: ATTEMPT,
      TERRANE_ID_TOKEN: ID_TOKEN,
      TERRANE_WORK_DIR: join(lab.folder, "job"),
      TERRANE_CACHE_DIR: options.cacheDir,
    },
  });
}

/** The same commands one after the other, as a script in a CI file would; the time of each directory in milliseconds. */
export async function shellLoop(
  lab: RunnerLab,
  dirs: readonly string[],
  env: Record<string, string>,
): Promise<Finished & { readonly each: readonly number[] }> {
  const script = `set -e
rm -rf shell && git clone -q "$REPO" shell && cd shell
for dir in "$@"; do
  began=$(date +%s%N)
  ( cd "$dir"
    terraform init -input=false -no-color > init.log
    if [ "\${dir%%/*}" = plain ]; then
      terraform plan -input=false -no-color -detailed-exitcode -out=plan.bin > plan.log
      terraform show -json plan.bin > plan.json
    fi )
  echo $(( ($(date +%s%N) - began) / 1000000 ))
done
`;
  const ran = await measured("bash", ["-c", script, "bash", ...dirs], {
    cwd: lab.folder,
    env: { ...toolEnv(lab.cliConfig), ...env, REPO: lab.bare },
  });
  return { ...ran, each: ran.stdout.trim().split("\n").map(Number) };
}
