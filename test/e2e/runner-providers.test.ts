import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { WorkStep } from "../../src/contract/step.ts";
import { REGISTRY_HOST, type Registry, startRegistry } from "../support/registry.ts";
import { Signer } from "../support/release-mirror.ts";
import { run, terraform, unit, useRunner } from "../support/runner-lab.ts";

// Real terraform; the registry is a stand-in that speaks its protocol, with providers that are never started.
const its = useRunner();
let folder = "";
let registry: Registry;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "terrane registry "));
  registry = await startRegistry(join(folder, "registry"), new Signer(folder, "maker"));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const SHOWN = run([
  "sh",
  "-c",
  'cat .terraform.lock.hcl; find "$TF_DATA_DIR/providers" -type l; readlink -f "$TF_DATA_DIR"/providers/*/*/*/*/*',
]);
const INIT: WorkStep[] = [{ type: "init", extraArgs: [], env: {} }, SHOWN];

function module(...types: string[]): string {
  const entries = types.map(
    (type) =>
      `    ${type} = {\n      source = "${REGISTRY_HOST}/acme/${type}"\n      version = "1.0.0"\n    }\n`,
  );
  return `terraform {\n  required_providers {\n${entries.join("")}  }\n}\n`;
}

function lock(type: string, hash: string): string {
  return `provider "${REGISTRY_HOST}/acme/${type}" {\n  version     = "1.0.0"\n  constraints = "1.0.0"\n  hashes = [\n    "${hash}",\n  ]\n}\n`;
}

async function inits(
  files: Record<string, string>,
  more: { readonly env?: Record<string, string>; readonly steps?: WorkStep[] } = {},
) {
  const repository = its.repository(files);
  const headSha = repository.commit("feature", {});
  const dirs = [...new Set(Object.keys(files).map((name) => name.split("/")[0] ?? ""))];
  const units = dirs.map((dir) => unit(dir, { steps: more.steps ?? INIT }));
  const config = join(its.lab.folder, "user.tfrc");
  writeFileSync(config, registry.cliConfig);
  const env = { TF_CLI_CONFIG_FILE: config, TERRANE_CACHE_DIR: join(folder, "cache"), ...more.env };
  const ran = await its.job({ headSha, units, parallel: 4 }, repository.bare, env);
  return { ran, log: (dir: string) => its.server.outputOf({ dir, workspace: "default" }) };
}

function downloads(type: string): number {
  return registry.asked.get(`/files/terraform-provider-${type}_1.0.0_linux_amd64.zip`) ?? 0;
}

terraform(
  "a provider of many lock files is fetched once, and every init links to the same files",
  async () => {
    const zh = registry.zh("many", "1.0.0");
    const dirs = ["a", "b", "c", "d"];
    const files = Object.fromEntries(
      dirs.flatMap((dir) => [
        [`${dir}/main.tf`, module("many")],
        [`${dir}/.terraform.lock.hcl`, lock("many", zh)],
      ]),
    );
    const { ran, log } = await inits(files);
    expect(ran, ran.log).toMatchObject({ code: 0 });
    // Terraform asks for an archive twice for one download.
    expect(downloads("many")).toBeLessThanOrEqual(2);
    const targets = dirs.map((dir) => /^\/.*\/packages\/[0-9a-f]{64}$/m.exec(log(dir))?.[0]);
    expect(new Set(targets).size).toBe(1);
    expect(targets[0]).toContain(join(folder, "cache", "providers", "packages"));
    // The lock files knew the archive's hash only; now they know that of the files too, as after any init.
    for (const dir of dirs) expect(log(dir)).toMatch(/"h1:[^"]+",\n\s+"zh:/);
    expect(dirs.filter((dir) => log(dir).includes("1 were put there"))).toHaveLength(1);
    const before = downloads("many");
    rmSync(join(its.lab.folder, "origin.git"), { recursive: true, force: true });
    rmSync(join(its.lab.folder, "author"), { recursive: true, force: true });
    const warm = await inits(files);
    expect(warm.ran, warm.ran.log).toMatchObject({ code: 0 });
    expect(downloads("many")).toBe(before);
    expect(warm.log("a")).toContain("1 of 1 were in the cache");
  },
);

terraform("a lock file with the hash of the files alone is served too", async () => {
  const zh = registry.zh("files", "1.0.0");
  const first = await inits({
    "a/main.tf": module("files"),
    "a/.terraform.lock.hcl": lock("files", zh),
  });
  const h1 = /"(h1:[^"]+)"/.exec(first.log("a"))?.[1] ?? "";
  rmSync(join(its.lab.folder, "origin.git"), { recursive: true, force: true });
  rmSync(join(its.lab.folder, "author"), { recursive: true, force: true });
  const before = downloads("files");
  const second = await inits({
    "b/main.tf": module("files"),
    "b/.terraform.lock.hcl": lock("files", h1),
  });
  expect(second.ran, second.ran.log).toMatchObject({ code: 0 });
  expect(second.log("b")).toContain("1 of 1 were in the cache");
  expect(downloads("files")).toBe(before);
});

terraform("a provider that was kept or restored halfway is fetched again", async () => {
  const zh = registry.zh("half", "1.0.0");
  const files = { "a/main.tf": module("half"), "a/.terraform.lock.hcl": lock("half", zh) };
  const first = await inits(files);
  const kept = /^\/.*\/packages\/[0-9a-f]{64}$/m.exec(first.log("a"))?.[0] ?? "";
  const h1 = /"(h1:[^"]+)"/.exec(first.log("a"))?.[1] ?? "";
  const [name = ""] = readdirSync(kept);
  const whole = readFileSync(join(kept, name));
  const notes = join(folder, "cache", "providers", "archives");
  for (const withNotes of [true, false]) {
    rmSync(join(kept, name));
    writeFileSync(join(kept, name), "#!");
    if (!withNotes) rmSync(notes, { recursive: true });
    rmSync(join(its.lab.folder, "origin.git"), { recursive: true, force: true });
    rmSync(join(its.lab.folder, "author"), { recursive: true, force: true });
    const { ran } = await inits({
      ...files,
      "b/main.tf": module("half"),
      "b/.terraform.lock.hcl": lock("half", h1),
    });
    expect(ran, ran.log).toMatchObject({ code: 0 });
    expect(readFileSync(join(kept, name))).toEqual(whole);
  }
});

terraform(
  "a provider whose archive is not the one of the lock file is not served, and terraform says why",
  async () => {
    const { log } = await inits({
      "a/main.tf": module("other"),
      "a/.terraform.lock.hcl": lock("other", `zh:${"0".repeat(64)}`),
    });
    const { failure } = its.result("a default", "failed");
    expect(failure.step).toBe("init");
    expect(log("a").replaceAll(/\s+/g, " ")).toContain(
      "checksums previously recorded in the dependency lock file",
    );
    const notes = readdirSync(join(folder, "cache", "providers", "archives"));
    expect(notes).not.toContain(registry.zh("other", "1.0.0").slice(3));
  },
);

terraform(
  "what the user says about providers stands, and a directory without a lock file is left alone",
  async () => {
    const zh = registry.zh("theirs", "1.0.0");
    const config = join(its.lab.folder, "theirs.tfrc");
    writeFileSync(config, `${registry.cliConfig}provider_installation {\n  direct {}\n}\n`);
    const { ran, log } = await inits(
      {
        "a/main.tf": module("theirs"),
        "a/.terraform.lock.hcl": lock("theirs", zh),
        "b/main.tf": module("theirs"),
      },
      { env: { TF_CLI_CONFIG_FILE: config } },
    );
    expect(ran, ran.log).toMatchObject({ code: 0 });
    for (const dir of ["a", "b"]) expect(log(dir)).not.toContain("Providers:");
    expect(readFileSync(config, "utf8")).toContain("direct {}");
  },
);

terraform(
  "a plugin cache that the user has is filled by one init at a time, and read by all",
  async () => {
    const cache = mkdtempSync(join(folder, "plugins-"));
    const zh = registry.zh("cached", "1.0.0");
    const dirs = ["a", "b", "c"];
    const files = Object.fromEntries(
      dirs.flatMap((dir) => [
        [`${dir}/main.tf`, module("cached")],
        [`${dir}/.terraform.lock.hcl`, lock("cached", zh)],
      ]),
    );
    const { ran } = await inits(files, {
      env: {
        TF_PLUGIN_CACHE_DIR: cache,
      },
    });
    expect(ran, ran.log).toMatchObject({ code: 0 });
    expect(readdirSync(cache)).toEqual([REGISTRY_HOST]);
  },
);

terraform("workspaces of one directory share a lock file and each has its own data", async () => {
  const repository = its.repository({
    "a/main.tf": module("shared"),
    "a/.terraform.lock.hcl": lock("shared", registry.zh("shared", "1.0.0")),
  });
  const headSha = repository.commit("feature", {});
  const config = join(its.lab.folder, "user.tfrc");
  writeFileSync(config, registry.cliConfig);
  const names = ["default", "one", "two", "three"];
  const units = names.map((workspace) => unit("a", { workspace, steps: INIT }));
  const env = { TF_CLI_CONFIG_FILE: config, TERRANE_CACHE_DIR: join(folder, "cache") };
  const ran = await its.job({ headSha, units, parallel: 4 }, repository.bare, env);
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const shown = names.map((workspace) => its.server.outputOf({ dir: "a", workspace }));
  const data = shown.map((text) => /^\/.*\/unit-\d+\/data\/providers/m.exec(text)?.[0]);
  expect(new Set(data).size).toBe(names.length);
  for (const text of shown) expect(text.match(/h1:/g)).toHaveLength(1);
});

terraform(
  "modules that the plan fetched are there for its apply, and not for another commit",
  async () => {
    const shared = join(its.lab.folder, "shared");
    execFileSync("git", ["init", "-q", "-b", "main", shared]);
    writeFileSync(join(shared, "main.tf"), 'output "o" {\n  value = 1\n}\n');
    const commit = [
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@example.com",
      "commit",
      "-q",
      "-m",
      "a",
    ];
    for (const args of [["add", "-A"], commit]) execFileSync("git", args, { cwd: shared });
    const call = `module "m" {\n  source = "git::file://${shared}"\n}\n`;
    const repository = its.repository({ "a/main.tf": call });
    const headSha = repository.commit("feature", {});
    const env = { TERRANE_CACHE_DIR: join(its.lab.folder, "cache") };
    const steps: WorkStep[] = [{ type: "init", extraArgs: [], env: {} }, run(["true"])];
    const units = [unit("a", { steps })];
    const first = await its.job({ headSha, units }, repository.bare, env);
    expect(first, first.log).toMatchObject({ code: 0 });
    rmSync(shared, { recursive: true });
    const second = await its.job({ headSha, units }, repository.bare, env);
    expect(second, second.log).toMatchObject({ code: 0 });
    const another = repository.commit("feature", { "a/other.tf": "" });
    const third = await its.job({ headSha: another, units }, repository.bare, env);
    expect(third.code).toBe(1);
  },
);
