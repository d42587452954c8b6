import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { rootModule } from "../support/github-lab.ts";
import { headOf, type MergeRequest, type Note } from "../support/gitlab-double/forge.ts";
import { addNote, approve } from "../support/gitlab-double/merge-requests.ts";
import * as scene from "../support/gitlab-double/scene.ts";
import { type GitlabLab, gitlabLab } from "../support/gitlab-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

let lab: GitlabLab;
let request: MergeRequest;

beforeAll(async () => {
  lab = await gitlabLab({}, {}, dayIn(10));
});

afterAll(() => lab.close());

function dayIn(days: number): string {
  return new Date(Date.now() + days * 24 * 3_600_000).toISOString().slice(0, 10);
}

/** The one note that we ever write. */
function sticky(): Note {
  const notes = request.notes.filter(({ author }) => author.username === "maintainer-bot");
  expect(notes).toHaveLength(1);
  return present(notes[0], "no note");
}

function statuses(): Readonly<Record<string, string>> {
  const { head } = headOf(request);
  const shown = lab.project.forge.statuses.filter(({ sha, retried }) => sha === head && !retried);
  return Object.fromEntries(shown.map(({ name, status }) => [name, status]));
}

function state(): string {
  const file = join(lab.stateDir, "net.tfstate");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

whereTerraform("a merge request is planned by a pipeline of the default branch", async () => {
  const { double, project, people, stateDir } = lab;
  const files = { "net/main.tf": rootModule(stateDir, "net", "two") };
  await scene.push(double.world, project, people.ann, "change", files);
  const wish = { by: people.ann, head: "change", title: "Change the network" };
  request = await scene.open(double.world, project, wish);
  await lab.until(1, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  const [pipeline] = [...project.pipelines.values()];
  expect(pipeline).toMatchObject({ ref: "main", source: "api" });
  expect(lab.jobs.map(({ code }) => code)).toEqual([0]);
  expect(sticky().body).toContain("Planned · 1 dirspace · 1 to apply");
  expect(statuses()).toEqual({ "terrane plan": "success", "terrane apply": "pending" });
  expect(state()).toBe("");
});

whereTerraform("an apply without approval is refused, in the same note", async () => {
  const { double, people } = lab;
  const before = sticky().id;
  const asked = addNote(double.world, request, people.ann, "terrane apply");
  await lab.until(1, "refused", (now) => now.notice?.outcome === "refused");
  expect(sticky()).toMatchObject({ id: before, body: expect.stringMatching(/approv/i) });
  expect(asked.awards).toHaveLength(1);
  expect(lab.jobs).toHaveLength(1);
  expect(state()).toBe("");
});

whereTerraform("S14 once it is approved, the apply is granted and done", async () => {
  const { double, people } = lab;
  approve(double.world, request, people.bob);
  addNote(double.world, request, people.ann, "terrane apply");
  await lab.until(1, "applied", (now) => now.dirspaces[0]?.phase === "applied");
  expect(state()).toContain('"two"');
  expect(sticky().body).toContain("Applied");
  expect(statuses()).toEqual({ "terrane plan": "success", "terrane apply": "success" });
});

test("a token that ends soon and a webhook that lacks a trigger are told with what to do", async () => {
  const { server, project } = lab;
  const notices = async () => {
    const told = await server.api("server", {});
    return told.kind === "ok" ? told.value.notices : undefined;
  };
  await expect.poll(notices, { timeout: 30_000 }).toHaveLength(1);
  const [notice] = (await notices()) ?? [];
  expect(notice?.message).toContain(dayIn(10));
  expect(server.log()).toContain(notice?.message);
  const all = await server.api("repositories", {});
  const found = all.kind === "ok" ? all.value.find((one) => one.fullName === project.path) : null;
  const [hook] = project.forge.hooks;
  present(hook, "no webhook").withoutJobs = true;
  const setup = await server.api("setup", { repository: found?.id ?? "none" });
  const items = setup.kind === "ok" ? setup.value.items : [];
  expect(items.find(({ id }) => id === "reach")).toMatchObject({
    state: "wrong",
    detail: notice?.message,
    next: expect.stringContaining("GITLAB_TOKEN"),
  });
  expect(items.find(({ id }) => id === "webhook")).toMatchObject({
    state: "wrong",
    detail: "The webhook does not tell of: Job.",
  });
});

test("GitLab was never given an answer that makes it switch the webhook off", async () => {
  const { deliveries } = lab.double.world;
  await deliveries.settled();
  expect(deliveries.log.length).toBeGreaterThan(0);
  expect(deliveries.log.filter(({ status }) => status < 200 || status > 299)).toEqual([]);
  const wrong = await fetch(`${lab.server.url}/api/v1/webhooks/gitlab`, {
    method: "POST",
    headers: { "x-gitlab-token": "guessed" },
    body: "{}",
  });
  expect(wrong.status).toBe(401);
});
