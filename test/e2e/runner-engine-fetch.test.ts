import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { releaseFiles } from "../../src/runner/engine/install/site.ts";
import { Toolchain } from "../../src/runner/engine/toolchain.ts";
import { type Tool, wishOf } from "../../src/runner/engine/version/wish.ts";
import { Stop } from "../../src/runner/stop.ts";
import { ReleaseMirror, type Served, Signer, serveFolder } from "../support/release-mirror.ts";

// The programs are stand-ins that print a version; sums, signatures and archives are real.
let folder = "";
let signer: Signer;
let mirror: ReleaseMirror;
let served: Served;
const logged: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "terrane fetch "));
  signer = new Signer(folder, "maker");
  mirror = new ReleaseMirror(join(folder, "mirror"), signer);
  mirror.publish("terraform", "1.5.7", standIn("Terraform v1.5.7"));
  mirror.list("terraform", ["1.4.6", "1.5.6", "1.5.7", "1.6.0-rc1"]);
  served = await serveFolder(mirror.folder);
  logged.length = 0;
});
afterEach(async () => {
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

function standIn(says: string): string {
  return `#!/bin/sh\necho "${says}"\n`;
}

/** A folder for PATH that has what checks signatures, and not the engines of this machine. */
function bin(...programs: string[]): string {
  const path = mkdtempSync(join(folder, "bin-"));
  for (const program of programs) {
    symlinkSync(execFileSync("which", [program]).toString().trim(), join(path, program));
  }
  return path;
}

function toolchain(env: Record<string, string> = {}): Toolchain {
  const site = {
    folder: () => "file:///is-not-there/",
    list: undefined,
    key: undefined,
    fingerprints: [signer.fingerprint],
  };
  return new Toolchain({
    sites: { terraform: site, tofu: site, terragrunt: site },
    env: {
      PATH: bin("sh", "gpgv"),
      TERRANE_ENGINE_MIRROR: served.url,
      TERRANE_TOOL_CACHE: join(folder, "cache"),
      ...env,
    },
    stop: new Stop(),
    folder: join(folder, "tools"),
    log: (line) => logged.push(line),
  });
}

async function fetched(
  version: string,
  env: Record<string, string> = {},
  tool: Tool = "terraform",
) {
  const wish = await wishOf(tool, version, { root: folder, path: folder });
  return await toolchain(env).resolve(tool, wish, folder);
}

async function refusal(version: string, env: Record<string, string> = {}): Promise<string> {
  const resolved = await fetched(version, env);
  return resolved.kind === "failed" ? resolved.message : `resolved ${resolved.program}`;
}

test("a version with a good hash and signature is fetched, runs, and is not fetched again", async () => {
  const first = await fetched("1.5.7");
  if (first.kind === "failed") throw new Error(first.message);
  expect(execFileSync(first.program, ["--version"]).toString()).toBe("Terraform v1.5.7\n");
  expect(first.program).toBe(
    join(folder, "cache", "terraform", "1.5.7", process.arch, "terraform"),
  );
  expect(logged.join("\n")).toContain("Fetched terraform 1.5.7");
  const before = served.paths.length;
  expect(await fetched("1.5.7")).toEqual(first);
  expect(served.paths.length).toBe(before);
});

test("many units fetch a version once", async () => {
  const tools = toolchain();
  const wish = await wishOf("terraform", "1.5.7", { root: folder, path: folder });
  await Promise.all(Array.from({ length: 20 }, () => tools.resolve("terraform", wish, folder)));
  const archive = `/terraform/1.5.7/${releaseFiles("terraform", "1.5.7").archive}`;
  expect(served.paths.filter((path) => path === archive)).toHaveLength(1);
});

test("a damaged program in the cache is fetched again", async () => {
  const first = await fetched("1.5.7");
  if (first.kind === "failed") throw new Error(first.message);
  writeFileSync(first.program, "cut");
  const again = await fetched("1.5.7");
  expect(again).toEqual(first);
  expect(execFileSync(first.program, ["--version"]).toString()).toContain("1.5.7");
});

test("a wrong hash, a cut archive and a wrong signature are refused, and nothing is kept", async () => {
  const { archive, sums } = releaseFiles("terraform", "1.5.7");
  const whole = mirror.read("terraform", "1.5.7", archive);
  mirror.write("terraform", "1.5.7", archive, Buffer.concat([whole, Buffer.from("x")]));
  expect(await refusal("1.5.7")).toContain("It was cut off or changed; nothing of it was run.");
  mirror.write("terraform", "1.5.7", archive, whole.subarray(0, 40));
  expect(await refusal("1.5.7")).toContain("It was cut off or changed");

  mirror.write("terraform", "1.5.7", archive, whole);
  const changed = mirror.read("terraform", "1.5.7", sums).toString().replace("another", "an0ther");
  mirror.write("terraform", "1.5.7", sums, Buffer.from(changed));
  expect(await refusal("1.5.7")).toContain("is not trusted. Its signature is not good (BADSIG)");

  const stranger = new Signer(folder, "stranger");
  mirror.sign("terraform", "1.5.7", stranger);
  expect(await refusal("1.5.7")).toContain("Its signature is not good");
  // Also when the mirror brings the stranger's key along.
  execFileSync("cp", [stranger.keyFile, join(mirror.folder, "terraform", "key.asc")]);
  expect(await refusal("1.5.7")).toContain(
    `It is signed by ${stranger.fingerprint}, and only ${signer.fingerprint} may sign it.`,
  );
  // Unless the user says that this is the key.
  expect(await fetched("1.5.7", { TERRANE_ENGINE_KEY_FILE: stranger.keyFile })).toMatchObject({
    kind: "ok",
  });
});

test("without a verifier or a signature it is refused unless the hash is said to be enough", async () => {
  const hash = { TERRANE_ENGINE_VERIFY: "hash" };
  expect(await refusal("1.5.7", { PATH: bin("sh") })).toContain("Neither gpgv nor gpg is on PATH");
  const { signature } = releaseFiles("terraform", "1.5.7");
  rmSync(mirror.file("terraform", "1.5.7", signature));
  expect(await refusal("1.5.7")).toMatch(
    /SHA256SUMS\.sig is not there\. .*TERRANE_ENGINE_VERIFY=hash/,
  );
  expect(await fetched("1.5.7", { ...hash, PATH: bin("sh") })).toMatchObject({ kind: "ok" });
});

test("gpg alone checks signatures too", async () => {
  expect(await fetched("1.5.7", { PATH: bin("sh", "gpg") })).toMatchObject({ kind: "ok" });
});

test("a version that does not exist is refused with those that are near", async () => {
  expect(await refusal("1.5.77")).toContain(
    "has no terraform 1.5.77. There are 1.5.7, 1.5.6, 1.4.6.",
  );
});

test("redirects are followed, and not for ever", async () => {
  expect(await refusal("1.5.7", { TERRANE_ENGINE_MIRROR: `${served.url}/loop` })).toContain(
    "it redirects more than 5 times",
  );
  expect(await fetched("1.5.7", { TERRANE_ENGINE_MIRROR: `${served.url}/moved` })).toMatchObject({
    kind: "ok",
  });
});

test("a mirror may be a folder, and a program that is not packed is taken as it is", async () => {
  mirror.publish("terragrunt", "0.75.3", standIn("terragrunt version v0.75.3"));
  const env = { TERRANE_ENGINE_MIRROR: mirror.fileUrl };
  const resolved = await fetched("0.75.3", env, "terragrunt");
  if (resolved.kind === "failed") throw new Error(resolved.message);
  expect(execFileSync(resolved.program).toString()).toContain("0.75.3");
});

test("runner defect 18: the default version of an engine that the job lacks is fetched once and kept", async () => {
  mirror.publish("tofu", "1.9.0", standIn("OpenTofu v1.9.0"));
  const resolved = await toolchain().resolve("tofu", { kind: "any" }, folder);
  expect(resolved).toMatchObject({ kind: "ok", onPath: false });
  const before = served.paths.length;
  await toolchain().resolve("tofu", { kind: "any" }, folder);
  expect(served.paths.length).toBe(before);
});

test("PATH is taken where its version fits, then the newest of the cache, then of the list", async () => {
  const path = bin("sh", "gpgv");
  writeFileSync(join(path, "terraform"), standIn("Terraform v1.5.6"));
  chmodSync(join(path, "terraform"), 0o755);
  const PATH = path;
  expect(await fetched("1.5.6", { PATH })).toMatchObject({ onPath: true });
  expect(await fetched("~> 1.5", { PATH })).toMatchObject({ onPath: true });
  expect(served.paths).toEqual([]);
  const latest = await fetched("latest", { PATH });
  expect(latest).toMatchObject({ onPath: false });
  expect(latest.kind === "ok" && latest.program).toContain("/1.5.7/");
  const before = served.paths.length;
  expect(await fetched("> 1.5.6", { PATH })).toEqual(latest);
  expect(served.paths.length).toBe(before);
  expect(await refusal("> 2", { PATH })).toContain(
    'No version of terraform is known that fits "> 2"',
  );
  expect(await refusal("one.five", { PATH })).toContain(
    '"one.five" in the configuration is no version of terraform.',
  );
});

test("a version file wins over the configuration, the nearest first, and both over the code", async () => {
  const root = join(folder, "checkout");
  const path = join(root, "a", "b");
  mkdirSync(path, { recursive: true });
  const wish = async (tool: Tool, configured: string | null) => {
    const found = await wishOf(tool, configured, { root, path });
    return "version" in found ? found.version : found.kind === "range" ? found.text : found.kind;
  };
  expect(await wish("terraform", null)).toBe("any");
  writeFileSync(join(path, "main.tf"), 'terraform {\n  required_version = ">= 1.4"\n}\n');
  expect(await wish("terraform", null)).toBe(">= 1.4");
  expect(await wish("terraform", "1.5.6")).toBe("1.5.6");
  expect(await wish("terraform", "latest-allowed")).toBe(">= 1.4");
  writeFileSync(join(root, ".terraform-version"), "# ours\nv1.4.6\n");
  expect(await wish("terraform", "1.5.6")).toBe("1.4.6");
  writeFileSync(join(root, "a", ".terraform-version"), "latest\n");
  expect(await wish("terraform", "1.5.6")).toBe("latest");
  expect(await wish("tofu", null)).toBe(">= 1.4");
  writeFileSync(join(root, ".opentofu-version"), "1.9.0");
  writeFileSync(join(root, ".terragrunt-version"), "0.88.0");
  expect(await wish("tofu", "1.6.0")).toBe("1.9.0");
  expect(await wish("terragrunt", null)).toBe("0.88.0");
});
