import type { Context, Hono } from "hono";
import * as z from "zod/mini";
import type { Instant } from "../../src/base/brand.ts";
import { type BodyOf, type ReplyOf, routes } from "../../src/contract/api.ts";
import type { CommitSha, PullRequestId, RepositoryId } from "../../src/core/ids.ts";
import type { PullRequestView } from "../../src/core/pull-request.ts";
import { createCentralHeads } from "../../src/engine/central-heads.ts";
import { Problem } from "../../src/http/errors.ts";
import { configurationHandlers } from "../../src/http/handlers/configuration.ts";
import type { PullRequestHead, RepositoryRecord } from "../../src/ports/view-store.ts";
import { HEAD, OLD_HEAD, type World } from "./api-stand-in-make.ts";
import { FakeVcs } from "./fake-vcs.ts";

const CONFIGURATION = `version: "1"

parallel_runs: 4

when_modified:
  file_patterns: ["\${DIR}/*.tf", "\${DIR}/*.tfvars"]

dirs:
  network:
    tags: [shared]
    workspaces:
      prod: {}
  "prod/*":
    workspaces:
      prod:
        tags: [production]
    when_modified:
      depends_on: "dir:network"

workflows:
  - tag_query: production
    lock_policy: apply
    plan:
      - {type: init}
      - {type: plan}

apply_requirements:
  checks:
    - tag_query: production
      approved: {enabled: true, any_of_count: 2}
    - tag_query: ""
`;

/** A repository as the configuration page sees it; the product's own answers are made of it. */
export function exampleVcs(): FakeVcs {
  const vcs = new FakeVcs();
  vcs.config = CONFIGURATION;
  vcs.files = [
    ".terrane/config.yml",
    "network/main.tf",
    ...["db", "queue", "cache", "search"].flatMap((name) => [
      `prod/${name}/main.tf`,
      `prod/${name}/variables.tf`,
    ]),
    "README.md",
  ];
  vcs.branches.set("main", OLD_HEAD as CommitSha);
  vcs.views.set(42, { number: 42, headSha: HEAD } as unknown as PullRequestView);
  vcs.changed.set(42, [
    { kind: "modified", path: "network/main.tf" },
    { kind: "added", path: "prod/db/zones.tf" },
  ]);
  return vcs;
}

/** Answered by what the server answers with, on a VCS that a test can change. */
export function configurationRoutes(app: Hono, world: World): void {
  // Every question asks anew: a test changes the central repository.
  let minutes = 0;
  const handlers = configurationHandlers({
    vcs: new Map([["local", world.vcs]]),
    centralHeads: createCentralHeads(() => (minutes += 60_000)),
    now: () => Date.now() as Instant,
    views: {
      repository: (id) => Promise.resolve(repositoryOf(world, id)),
      pullRequest: (_repository, number) => Promise.resolve(headOf(world, number)),
      code: (_repository, commit) => Promise.resolve(world.code.get(commit)),
    },
  });
  for (const name of ["configuration", "checkConfiguration", "affected", "changedFiles"] as const) {
    const route = routes[name];
    const handle = handlers[name] as (call: {
      readonly params: Readonly<Record<string, string>>;
      readonly query: (key: string) => string | undefined;
      readonly body: BodyOf<typeof name>;
    }) => Promise<ReplyOf<typeof name>>;
    app.on(route.method, route.path, async (c) => {
      const sent: unknown = route.method === "GET" ? {} : await c.req.json();
      const body = z.parse(route.body, sent);
      const params: Readonly<Record<string, string>> = c.req.param();
      const query = (key: string) => c.req.query(key);
      try {
        const reply = await handle({ params, query, body });
        return c.json(z.parse(route.reply as z.ZodMiniType, reply) as object);
      } catch (error) {
        return refusal(c, error);
      }
    });
  }
}

function refusal(c: Context, error: unknown): Response {
  if (!(error instanceof Problem)) throw error;
  const { status, code, message, next } = error;
  return c.json({ error: { code, message, ...(next === undefined ? {} : { next }) } }, status);
}

function repositoryOf(world: World, id: string): RepositoryRecord | undefined {
  const found = world.repositories.find((one) => one.id === id);
  if (found === undefined) return undefined;
  return {
    id: found.id as RepositoryId,
    vcs: "local",
    ref: { installation: "local", id: found.id, fullName: found.fullName },
    defaultBranch: found.defaultBranch,
    openPullRequests: found.openPullRequests,
    planned: true,
  };
}

function headOf(world: World, number: number): PullRequestHead | undefined {
  const repository = repositoryOf(world, "repo-1");
  const view = world.vcs.views.get(number);
  if (repository === undefined || view === undefined) return undefined;
  return {
    pullRequest: { id: String(number) as PullRequestId, number, repository },
    view,
    locks: 0,
    updatedAt: 0 as Instant,
    settled: true,
    comment: undefined,
  };
}
