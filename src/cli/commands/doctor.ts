import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Command } from "commander";
import { defaultDataDir } from "../data-dir.ts";
import { type Host, UsageError } from "../host.ts";
import { parsePort } from "../port.ts";
import { paint, table } from "../print.ts";
import {
  checkApps,
  checkDatabase,
  checkDataDir,
  checkPort,
  checkQuarantine,
  type Finding,
} from "./doctor-checks.ts";

const run = promisify(execFile);
const NODE_MINIMUM = [20, 19] as const;

export function doctorCommand(host: Host): Command {
  return new Command("doctor")
    .description("say what is missing on this machine, and how to get it")
    .option("--json", "print JSON")
    .option("--data-dir <path>", "data directory to look at", defaultDataDir(host.env))
    .option("--port <port>", "port to look at", parsePort, 8080)
    .action(async (options: { json?: boolean; dataDir: string; port: number }) => {
      const path = host.env["PATH"] ?? "";
      const findings = [
        node(),
        await tool(path, "git", ["--version"], "apt-get install git, or https://git-scm.com"),
        await engine(path),
        await checkPort(options.port),
        await checkDataDir(options.dataDir),
        await checkDatabase(host.env["DATABASE_URL"]),
        ...(await checkQuarantine(options.dataDir, host.env)),
        ...(await checkApps(options.dataDir, host.env)),
      ];
      const ok = findings.every((one) => one.state !== "missing");
      if (options.json === true) host.out(JSON.stringify({ ok, findings }));
      else show(host, findings);
      if (!ok) process.exitCode = 1;
    });
}

/** For commands that need the tools: the first that is missing stops them with what to do. */
export async function checkTools(host: Host): Promise<void> {
  const path = host.env["PATH"] ?? "";
  const findings = [
    node(),
    await tool(path, "git", ["--version"], "apt-get install git, or https://git-scm.com"),
    await engine(path),
  ];
  const missing = findings.find((one) => one.state === "missing");
  if (missing !== undefined) {
    throw new UsageError(`${missing.name}: ${missing.detail}`, missing.next);
  }
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantMajor, wantMinor] = NODE_MINIMUM;
  const ok = major > wantMajor || (major === wantMajor && minor >= wantMinor);
  return {
    name: "node",
    state: ok ? "ok" : "missing",
    detail: process.versions.node,
    next: ok ? undefined : `Install Node ${NODE_MINIMUM.join(".")} or newer.`,
  };
}

async function engine(path: string): Promise<Finding> {
  const terraform = await tool(path, "terraform", ["version"], "");
  if (terraform.state === "ok") return terraform;
  const tofu = await tool(path, "tofu", ["version"], "");
  if (tofu.state === "ok") return tofu;
  return {
    name: "terraform or tofu",
    state: "missing",
    detail: "neither is on the PATH",
    next: "Install OpenTofu (https://opentofu.org/docs/intro/install) or Terraform (https://developer.hashicorp.com/terraform/install).",
  };
}

async function tool(
  searchPath: string,
  name: string,
  args: readonly string[],
  next: string,
): Promise<Finding> {
  try {
    const { stdout } = await run(name, [...args], {
      env: { PATH: searchPath, CHECKPOINT_DISABLE: "1" },
    });
    const version = stdout.split("\n").find((line) => /\d+\.\d+/.test(line)) ?? stdout;
    return { name, state: "ok", detail: version.trim(), next: undefined };
  } catch {
    return { name, state: "missing", detail: "not on the PATH", next };
  }
}

function show(host: Host, findings: readonly Finding[]): void {
  const word = { ok: "ok", missing: "missing", note: "note" } as const;
  host.out(
    table(
      ["what", "state", "found"],
      findings.map((one) => [one.name, word[one.state], one.detail]),
    ),
  );
  for (const one of findings) {
    if (one.next !== undefined) host.out(`${paint(host, "bold", one.name)}: ${one.next}`);
  }
}
