import { spawn } from "node:child_process";
import { open } from "node:fs/promises";

export interface JobProcess {
  readonly nodePath: string;
  readonly claimProgram: string;
  readonly runnerPath: string;
  readonly cwd: string;
  readonly log: string;
  readonly env: Readonly<Record<string, string>>;
  /** It ended; nothing is said about how, the files do that. */
  readonly onExit: () => void;
}

export type Spawned =
  | { readonly kind: "spawned" }
  | { readonly kind: "failed"; readonly message: string };

/** Starts the runner in a session of its own: it outlives the server, and its group is its job. */
export async function spawnJob(job: JobProcess): Promise<Spawned> {
  const log = await open(job.log, "a", 0o600);
  try {
    return await new Promise<Spawned>((resolve) => {
      const child = spawn(job.nodePath, ["--require", job.claimProgram, job.runnerPath], {
        cwd: job.cwd,
        env: { ...job.env },
        detached: true,
        stdio: ["ignore", log.fd, log.fd],
      });
      child.once("spawn", () => resolve({ kind: "spawned" }));
      child.once("error", (error) => resolve({ kind: "failed", message: error.message }));
      child.once("exit", job.onExit);
      // The server may end while the job goes on.
      child.unref();
    });
  } finally {
    await log.close();
  }
}

/** What a job gets of the server's own environment: enough to find programs, never our secrets. */
export const ENVIRONMENT_ALLOWED: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "TF_CLI_CONFIG_FILE",
  "TF_PLUGIN_CACHE_DIR",
];

/** The named variables; `PREFIX_*` stands for all that begin so, for credentials such as `AWS_*`. */
export function allowedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  allowed: readonly string[],
): Record<string, string> {
  const exact = new Set(allowed);
  const prefixes = allowed.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    // Whatever the operator allows, the server's own settings and secrets stay here.
    if (value === undefined || name.startsWith("TERRANE_") || name === "DATABASE_URL") continue;
    if (exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix))) env[name] = value;
  }
  return env;
}
