import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverProgram } from "../support/built.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import type { GitHubDouble } from "../support/github-double/index.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Repository } from "../support/github-double/world.ts";
import { type RanJob, runJob } from "../support/github-job.ts";
import { makeWorld, rootModule } from "../support/github-lab.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const SECRET_KEY = Buffer.alloc(32, 7).toString("base64");
const SECRET = "a-webhook-secret-of-this-test";
const PATIENCE_MS = 90_000;

interface Forge {
  readonly double: GitHubDouble;
  readonly repo: Repository;
}

/** Two servers on one database; each app is added through one of them, and its webhooks come to the other one. */
describe("several apps on several hosts", () => {
  let scratch: ReturnType<typeof scratchDir>;
  let program: string;
  let database: TestDatabase;
  let servers: readonly [ServerProcess, ServerProcess];
  let forges: readonly [Forge, Forge];
  const jobs: Promise<RanJob>[] = [];

  beforeAll(async () => {
    scratch = scratchDir();
    chmodSync(scratch.path, 0o711);
    database = await createTestDatabase();
    program = await serverProgram();
    servers = [await start("one"), await start("two")];
    forges = [await forge("one"), await forge("two")];
  });
  afterAll(async () => {
    await Promise.allSettled(jobs);
    await Promise.all((servers ?? []).map((server) => server.end("SIGTERM")));
    await Promise.all((forges ?? []).map(({ double }) => double.close()));
    await database?.drop();
    scratch?.remove();
  });

  const start = (name: string, key = SECRET_KEY) =>
    startServerProcess(program, join(scratch.path, name), database.url, {
      TERRANE_SECRET_KEY: key,
    });

  async function forge(name: string): Promise<Forge> {
    const made = await makeWorld(join(scratch.path, `state-${name}`));
    const { double } = made;
    double.world.onRun = (run) => {
      const machine = {
        double,
        dir: join(scratch.path, name),
        variables: { TERRANE_URL: run.inputs["server_url"] ?? "" },
        beforeTerraform: () => Promise.resolve(),
        afterScript: () => Promise.resolve(),
      };
      jobs.push(runJob(machine, run));
    };
    return made;
  }

  /** As somebody types it. */
  async function add(server: ServerProcess, { double }: Forge, key: string): Promise<string> {
    const at = (name: string) => join(scratch.path, `${key}-${name}`);
    writeFileSync(at("key.pem"), double.app.privateKey);
    writeFileSync(at("secret"), `${SECRET}\n`);
    const files = ["--private-key-file", at("key.pem"), "--webhook-secret-file", at("secret")];
    const app = ["--app-id", String(double.app.id), "--host", double.url];
    const ran = await server.terrane("apps", "add", ...app, ...files, "--json");
    expect(ran.stderr).toBe("");
    return ran.stdout;
  }

  async function phaseOf(server: ServerProcess, vcs: string, number: number): Promise<string> {
    const repositories = await server.api("repositories", {});
    if (repositories.kind !== "ok") return repositories.code;
    const repository = repositories.value.find((one) => one.vcs === vcs)?.id;
    if (repository === undefined) return "unknown";
    const got = await server.api("pullRequest", { repository, number });
    return got.kind === "ok" ? (got.value.dirspaces[0]?.phase ?? "none") : got.code;
  }

  async function untilPlanned(server: ServerProcess, vcs: string, number: number): Promise<void> {
    for (const until = performance.now() + PATIENCE_MS; ; await sleep(200)) {
      const phase = await phaseOf(server, vcs, number);
      if (phase === "planned") return;
      if (performance.now() < until) continue;
      const logs = servers.map((one) => one.log().slice(-4_000)).join("\n---\n");
      throw new Error(`${vcs} is ${phase}\n${logs}`);
    }
  }

  test("an app is added through one server, and the answer holds none of its secrets", async () => {
    for (const [index, one] of forges.entries()) {
      const key = index === 0 ? "github" : "github-2";
      const added = await add(servers[index === 0 ? 0 : 1], one, key);
      expect(JSON.parse(added)).toMatchObject({ key, source: "registered", problem: null });
      expect(added).not.toContain(SECRET);
      expect(added).not.toContain("PRIVATE KEY");
    }
    for (const server of servers) {
      expect(server.log()).not.toContain(SECRET);
      expect(server.log()).not.toContain("PRIVATE KEY");
    }
  });

  test("the same App is not added twice", async () => {
    const ran = await servers[1].api(
      "addApp",
      {},
      {
        host: forges[0].double.url,
        appId: String(forges[0].double.app.id),
        privateKey: forges[0].double.app.privateKey,
        webhookSecrets: [SECRET],
      },
    );
    expect(ran).toMatchObject({ kind: "error", status: 409, code: "APP_KNOWN" });
  });

  whereTerraform(
    "both get a pull request planned, told through the server that did not add them",
    async () => {
      const [first, second] = servers;
      forges[0].double.sendWebhooksTo(`${second.url}/api/v1/webhooks/github`, SECRET);
      forges[1].double.sendWebhooksTo(`${first.url}/api/v1/webhooks/github-2`, SECRET);
      const pulls = await Promise.all(
        forges.map(async ({ double, repo }, index) => {
          const by = double.user("ann");
          const files = {
            "net/main.tf": rootModule(join(scratch.path, `s${index}`), "net", "two"),
          };
          await scene.push(double, repo, { branch: "change", files, by });
          return await scene.openPull(double, repo, { by, head: "change" });
        }),
      );
      await untilPlanned(first, "github", pulls[0]?.number ?? 0);
      await untilPlanned(second, "github-2", pulls[1]?.number ?? 0);
      for (const [index, { double }] of forges.entries()) {
        const pull = pulls[index];
        await expect
          .poll(() => (pull === undefined ? [] : scene.botComments(double, pull)), {
            timeout: 60_000,
          })
          .toHaveLength(1);
        expect(double.violations()).toEqual([]);
      }
    },
  );

  test("a check names a webhook that goes elsewhere, mends it, and the doctor repeats what it finds", async () => {
    const [first, second] = servers;
    const { double } = forges[1];
    double.sendWebhooksTo("https://old.example.com/hook", "another-secret");
    const checked = await first.terrane("apps", "check", "github-2");
    expect(checked.status).toBe(1);
    expect(checked.stdout).toMatch(
      /Webhook +missing +It goes to https:\/\/old\.example\.com\/hook/,
    );
    expect(checked.stdout).toContain("acme has acme/infra");
    const doctor = await first.terrane("doctor", "--json");
    const { findings } = JSON.parse(doctor.stdout) as {
      findings: { name: string; state: string }[];
    };
    expect(findings.find(({ name }) => name === "app github-2")?.state).toBe("missing");
    const mended = await second.terrane("apps", "check", "github-2", "--mend", "--json");
    const { findings: after } = JSON.parse(mended.stdout) as {
      findings: { name: string; state: string }[];
    };
    expect(after.find(({ name }) => name === "webhook")?.state).toBe("ok");
    expect(double.world.app.webhook).toEqual({
      url: `${second.url}/api/v1/webhooks/github-2`,
      secret: SECRET,
    });
  });

  test("a server with another secret key says so, and leaves the apps alone", async () => {
    const stranger = await start("three", Buffer.alloc(32, 8).toString("base64"));
    try {
      const listed = await stranger.terrane("apps", "list");
      expect(listed.stdout).toMatch(/sealed with another TERRANE_SECRET_KEY/);
      const checked = await stranger.api("checkApp", { key: "github" });
      expect(checked).toMatchObject({ kind: "ok", value: { ok: false } });
    } finally {
      await stranger.end("SIGTERM");
    }
  });

  test("an app that was removed is gone from every server within seconds, and its key is for its host only", async () => {
    const [first, second] = servers;
    const ran = await first.terrane("apps", "remove", "github-2", "--yes");
    expect(ran.stdout).toContain("Removed github-2");
    const url = `${second.url}/api/v1/webhooks/github-2`;
    await expect
      .poll(async () => (await fetch(url, { method: "POST", body: "{}" })).status, {
        timeout: 10_000,
      })
      .toBe(404);
    const { double } = forges[0];
    const wish = {
      appId: String(double.app.id),
      host: double.url,
      privateKey: double.app.privateKey,
      webhookSecrets: [SECRET],
      key: "github-2",
    };
    await first.api("removeApp", { key: "github" });
    expect(await second.api("addApp", {}, wish)).toMatchObject({ code: "KEY_TAKEN" });
    expect(await second.api("addApp", {}, { ...wish, key: "github" })).toMatchObject({
      kind: "ok",
    });
  });
});
