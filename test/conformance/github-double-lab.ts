import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { afterAll, beforeAll } from "vitest";
import { present } from "../../src/base/assert.ts";
import { type GitHubDouble, startGitHubDouble } from "../support/github-double/index.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Repository } from "../support/github-double/world.ts";

export interface Hook {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
  readonly body: string;
}

const WORKFLOW = `name: terrane
run-name: terrane \${{ inputs.attempt }}
on:
  workflow_dispatch:
    inputs:
      attempt: { required: true, type: string }
jobs: {}
`;

export const SECRET = "double-secret";

const BEGIN = Date.parse("2026-03-01T10:00:00Z");

/** The double between GitHub's own client on one side and a sink for webhooks on the other. */
export interface GithubLab {
  readonly github: GitHubDouble;
  readonly hooks: readonly Hook[];
  readonly hookUrl: string;
  readonly acme: Account;
  readonly ann: Account;
  readonly bob: Account;
  /** How many repositories were made. */
  readonly count: number;
  readonly clock: { now(): Date; advance(ms: number): void; reset(): void };
  newRepository(files?: Record<string, string>): Promise<Repository>;
  asApp(): Octokit;
  asInstallation(): Promise<Octokit>;
  as(account: Account): Octokit;
  at(repo: Repository): { owner: string; repo: string };
  statusOf(call: Promise<unknown>): Promise<number>;
  /** What the sink heard of a repository, once all of it has arrived. */
  eventsOf(repo: Repository): Promise<readonly string[]>;
}

/** Starts before the tests of the file that calls it, and stops after them. */
export function githubLab(): GithubLab {
  const hooks: Hook[] = [];
  let now = BEGIN;
  let count = 0;
  let started: GitHubDouble | undefined;
  const sink = webhookSink(hooks);
  const github = () => present(started, "the double has not started");

  beforeAll(async () => {
    const limits = { files: 250, treeEntries: 500 };
    started = await startGitHubDouble({ now: () => new Date(now), limits });
    started.sendWebhooksTo(await sink.listen(), SECRET);
    started.install(started.organization("acme", { ann: "member", boss: "admin" }).account);
  });

  afterAll(async () => {
    report(github());
    await github().close();
    sink.close();
  });

  const asApp = () =>
    new Octokit({
      authStrategy: createAppAuth,
      auth: { appId: github().app.id, privateKey: github().app.privateKey },
      baseUrl: github().apiUrl,
    });

  return {
    hooks,
    get github() {
      return github();
    },
    get hookUrl() {
      return sink.url();
    },
    get acme() {
      return github().user("acme");
    },
    get ann() {
      return github().user("ann");
    },
    get bob() {
      return github().user("bob");
    },
    get count() {
      return count;
    },
    clock: {
      now: () => new Date(now),
      advance: (ms) => {
        now += ms;
      },
      reset: () => {
        now = BEGIN;
      },
    },
    newRepository(files = {}) {
      count += 1;
      return scene.createRepository(github(), github().user("acme"), `infra-${count}`, {
        files: { "README.md": "# infra\n", ".github/workflows/terrane.yml": WORKFLOW, ...files },
        collaborators: { ann: "write", bob: "maintain", eve: "read" },
      });
    },
    asApp,
    async asInstallation() {
      const { id: appId, privateKey } = github().app;
      const { data } = await asApp().request("GET /app/installations");
      return new Octokit({
        authStrategy: createAppAuth,
        auth: { appId, privateKey, installationId: data[0]?.id },
        baseUrl: github().apiUrl,
      });
    },
    as: (account) => new Octokit({ auth: github().tokenFor(account), baseUrl: github().apiUrl }),
    at: (repo) => ({ owner: repo.owner.login, repo: repo.name }),
    statusOf,
    async eventsOf(repo) {
      await github().settled();
      return hooks.flatMap((hook) => nameOf(hook, repo));
    },
  };
}

function webhookSink(hooks: Hook[]) {
  let server: Server | undefined;
  const url = () => {
    const { port } = present(server, "nobody listens").address() as AddressInfo;
    return `http://127.0.0.1:${port}/hook`;
  };
  return {
    url,
    async listen() {
      server = createServer((request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => {
          body += chunk.toString("utf8");
        });
        request.on("end", () => {
          const header = (name: string) => String(request.headers[name]);
          hooks.push({
            event: header("x-github-event"),
            guid: header("x-github-delivery"),
            signature: header("x-hub-signature-256"),
            body,
          });
          response.writeHead(202).end("stored");
        });
      });
      const listening = server;
      await new Promise<void>((resolve) => {
        listening.listen(0, "127.0.0.1", resolve);
      });
      return url();
    },
    close: () => server?.close(),
  };
}

function nameOf(hook: Hook, repo: Repository): readonly string[] {
  const body = JSON.parse(hook.body) as { action?: string; repository?: { id: number } };
  if (body.repository?.id !== repo.id) return [];
  return [body.action === undefined ? hook.event : `${hook.event}.${body.action}`];
}

async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return 200;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

function report(github: GitHubDouble): void {
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, n) => total + n, 0);
  const operations = Object.keys(github.calls()).length;
  const kinds = Object.keys(github.events()).length;
  console.log(
    `github-double: ${sum(github.calls())} calls of ${operations} operations, ` +
      `${sum(github.events())} webhooks of ${kinds} kinds, ${github.violations().length} violations`,
  );
}
