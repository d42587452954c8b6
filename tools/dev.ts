import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/**
 * Server and dashboard that follow edits: the server restarts on a change below `src`, the dashboard reloads in the
 * browser. Data stays in `.cache/dev` between starts.
 */
const root = join(import.meta.dirname, "..");
const API_PORT = "8080";
const api = `http://127.0.0.1:${API_PORT}`;

function start(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcess {
  const child = spawn(join(root, "node_modules", ".bin", program), [...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  child.on("exit", (code) => {
    process.exitCode = code ?? 0;
    for (const other of children) other.kill("SIGTERM");
  });
  return child;
}

const server = ["watch", "--clear-screen=false", "src/main/cli.ts", "up"];
const children = [
  start("tsx", [...server, "--data-dir", join(root, ".cache", "dev"), "--port", API_PORT]),
  start("vite", ["--config", "src/web/vite.config.ts"], { TERRANE_DEV_API: api }),
];
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
