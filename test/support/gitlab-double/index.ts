import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type ServerType, serve } from "@hono/node-server";
import { newForge } from "./forge.ts";
import { Deliveries, jobMoved } from "./hooks.ts";
import { Oidc } from "./oidc.ts";
import { type Fault, instance } from "./server.ts";
import { Journal } from "./spec.ts";
import { newUser, tokenOf } from "./users.ts";
import { type Caller, type Project, startJob, type World } from "./world.ts";

export interface GitLabDouble {
  readonly world: World;
  readonly url: string;
  /** A token of somebody with this role in every project. */
  token(role: Caller["role"]): string;
  /** With the CI files that we ship on its protected default branch. */
  createProject(path: string): Project;
  /** The next call of this kind is carried out, and nobody hears of it. */
  loseAnswer(method: string, path: RegExp): void;
  /** The next call of this kind is answered so, and not carried out. */
  answer(method: string, path: RegExp, fault: Partial<Fault> & { readonly status: number }): void;
  close(): Promise<void>;
}

/** The files that `terrane setup` writes, as they are shipped. */
export function shippedFiles(): Map<string, string> {
  return new Map([
    [".gitlab-ci.yml", readFileSync("deploy/gitlab/gitlab-ci.yml", "utf8")],
    [".gitlab/terrane.yml", readFileSync("deploy/gitlab/terrane.yml", "utf8")],
  ]);
}

/**
 * One GitLab instance as far as pipelines and identity go, written from its documentation and source: states,
 * claims, refusals. Its machines take jobs at once and do nothing until a test ends them.
 */
export async function startGitLabDouble(now: () => Date): Promise<GitLabDouble> {
  const world: World = {
    origin: "",
    now,
    projects: new Map(),
    tokens: new Map(),
    oidc: new Oidc(),
    namesPipelines: true,
    nextId: 1_001,
    users: new Map(),
    groups: new Map(),
    deliveries: new Deliveries(),
    journal: new Journal(),
    mergeabilityReads: 1,
    onJob: (job) => startJob(world, job),
    onMove: (job) => jobMoved(world, job),
  };
  const faults: Fault[] = [];
  const app = instance(world, faults);
  const { server, port } = await new Promise<{ server: ServerType; port: number }>((resolve) => {
    const listening = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, (info) =>
      resolve({ server: listening, port: info.port }),
    );
  });
  world.origin = `http://127.0.0.1:${port}`;
  const fault = (method: string, path: RegExp, more: Partial<Fault>) => {
    faults.push({ method, path, kind: "answer", status: 502, headers: {}, body: "{}", ...more });
  };
  return {
    world,
    url: world.origin,
    token(role) {
      return tokenOf(world, newUser(world, `${role}-bot`), role);
    },
    createProject(path) {
      const project: Project = {
        id: world.nextId++,
        path,
        defaultBranch: "main",
        protectedBranches: new Set(["main"]),
        branches: new Map([
          ["main", { sha: randomBytes(20).toString("hex"), files: shippedFiles() }],
        ]),
        variables: new Map(),
        mayNotSetVariables: true,
        pipelines: new Map(),
        forge: newForge(),
      };
      world.projects.set(project.id, project);
      return project;
    },
    loseAnswer: (method, path) => fault(method, path, { kind: "lost" }),
    answer: (method, path, more) => fault(method, path, more),
    close: async () => {
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      });
      const dirs = [...world.projects.values()].flatMap(({ forge }) => forge.gitDir ?? []);
      await Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true })));
    },
  };
}
