import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimAudience, runnerPaths } from "../../src/contract/runner-api.ts";
import { dispatch, findWorkflow } from "../support/github-double/domain/runs.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Pull, Repository, WorkflowRun } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule, workflowFile } from "../support/github-lab.ts";
import type { TokenChange } from "../support/token-issuer.ts";
import { whereTerraform } from "../support/where-terraform.ts";

let lab: GithubLab;
let opened = 0;

beforeAll(async () => {
  lab = await githubLab();
});

afterAll(() => lab.close());

async function pushed(branch: string, dir: string, input: string): Promise<string> {
  const { double, repo, people, stateDir } = lab;
  const files = { [`${dir}/main.tf`]: rootModule(stateDir, dir, input) };
  return await scene.push(double, repo, { branch, files, by: people.ann });
}

/** A pull request with a directory of its own. */
async function open(): Promise<{ readonly pull: Pull; readonly dir: string }> {
  opened += 1;
  const dir = `own-${opened}`;
  await pushed(`change-${opened}`, dir, "one");
  const wish = { by: lab.people.ann, head: `change-${opened}` };
  return { pull: await scene.openPull(lab.double, lab.repo, wish), dir };
}

async function planned(): Promise<{ readonly pull: Pull; readonly dir: string }> {
  const made = await open();
  await lab.until(made.pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  return made;
}

// ── Deliveries ──

whereTerraform(
  "duplicated, reordered and redelivered webhooks end where orderly ones do",
  async () => {
    const { double, people } = lab;
    double.deliveries.next("pull_request.opened", { kind: "duplicated", times: 3 });
    const { pull, dir } = await planned();
    double.deliveries.next("pull_request.synchronize", { kind: "held" });
    double.deliveries.next("issue_comment.created", { kind: "held" });
    await pushed(pull.head.ref, dir, "two");
    scene.comment(double, pull, people.bob, "terrane plan");
    await double.settled();
    double.deliveries.release(double.world, "reversed");
    const head = lab.repo.branches.get(pull.head.ref);
    await lab.until(
      pull.number,
      "planned anew",
      (now) => now.headSha === head && now.dirspaces[0]?.phase === "planned",
    );
    double.deliveries.next("pull_request_review.submitted", { kind: "lost" });
    double.deliveries.next("issue_comment.created", { kind: "lost" });
    scene.review(double, pull, people.bob, "APPROVE");
    scene.comment(double, pull, people.ann, "terrane apply");
    await lab.quiet();
    expect((await lab.detail(pull.number))?.dirspaces[0]?.phase).toBe("planned");
    const missed = double.deliveries.list(double.world).filter((one) => one.statusCode === 0);
    expect(missed).toHaveLength(2);
    // The newer one first, and each twice: as an operator who presses the button again.
    for (const { id } of [...missed, ...missed]) double.deliveries.redeliver(double.world, id);
    await lab.until(pull.number, "applied", (now) => now.dirspaces[0]?.phase === "applied");
    await lab.quiet();
    const now = await lab.detail(pull.number);
    expect(now?.runs.filter((run) => run.kind === "apply")).toHaveLength(1);
    expect(lab.comments(pull)).toHaveLength(1);
    expect(lab.checks(pull.head.sha)).toEqual({
      "terrane plan": "success",
      "terrane apply": "success",
    });
  },
);

async function forge(
  event: string,
  payload: unknown,
  secret: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const body = JSON.stringify(payload);
  const response = await fetch(lab.webhookUrl, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-delivery": randomUUID(),
      "x-github-event": event,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
    body,
  });
  return { status: response.status, text: await response.text() };
}

/** The newest delivery of this kind about a pull request, to be changed. */
function payloadOf(event: string, number: number): Record<string, unknown> {
  const found = lab.double.deliveries.log.findLast(
    (one) => one.event === event && JSON.stringify(one.payload).includes(`"number":${number}`),
  );
  return structuredClone(found?.payload ?? {}) as Record<string, unknown>;
}

whereTerraform("T8 a webhook with another signature, or none, is not taken", async () => {
  const { pull } = await planned();
  const payload = payloadOf("pull_request", pull.number);
  for (const secret of ["another secret", "x", ` ${lab.secret}`]) {
    expect((await forge("pull_request", payload, secret)).status).toBe(401);
  }
  const body = JSON.stringify(payload);
  const headers = { "x-github-event": "pull_request", "x-github-delivery": randomUUID() };
  expect((await fetch(lab.webhookUrl, { method: "POST", headers, body })).status).toBe(401);
});

whereTerraform("T7 a webhook that is signed and lies has no effect: GitHub is asked", async () => {
  const { double, people } = lab;
  const { pull } = await planned();
  const runs = lab.repo.runs.size;
  const payload = payloadOf("pull_request", pull.number);
  const told = payload["pull_request"] as Record<string, unknown>;
  const lies: [string, unknown][] = [
    ["pull_request", { ...payload, action: "closed", pull_request: { ...told, merged: true } }],
    ["pull_request", { ...payload, action: "synchronize", after: "f".repeat(40) }],
    [
      "pull_request_review",
      {
        ...payload,
        action: "submitted",
        review: { state: "approved", user: { id: people.bob.id, login: "bob" } },
      },
    ],
    ["pull_request", { ...payload, action: "opened", number: 4_711 }],
  ];
  for (const [event, lie] of lies) {
    expect((await forge(event, lie, lab.secret)).status, event).toBe(200);
  }
  await lab.quiet();
  const after = await lab.until(pull.number, "undisturbed");
  expect(after).toMatchObject({ state: "open", headSha: pull.head.sha });
  expect(after.dirspaces[0]?.phase).toBe("planned");
  expect(lab.repo.runs.size).toBe(runs);
  scene.comment(double, pull, people.ann, "terrane apply");
  const refused = await lab.until(
    pull.number,
    "refused",
    (now) => now.notice?.outcome === "refused",
  );
  expect(refused.runs.map((run) => run.kind)).toEqual(["plan"]);
  expect(JSON.stringify(lab.comments(pull))).toMatch(/approv/i);
});

whereTerraform(
  "T7 a signed comment that GitHub has not, or has otherwise, is no command",
  async () => {
    const { double, people } = lab;
    const { pull } = await planned();
    scene.review(double, pull, people.bob, "APPROVE");
    const real = scene.comment(double, pull, people.mallory, "hello");
    await lab.quiet();
    const payload = payloadOf("issue_comment", pull.number);
    const comment = payload["comment"] as Record<string, unknown>;
    const user = { ...(comment["user"] as object), id: people.bob.id, login: "bob" };
    const before = lab.comments(pull);
    for (const lie of [{ id: 99, user }, { user }, {}]) {
      const told = { ...payload, comment: { ...comment, body: "terrane apply", ...lie } };
      expect((await forge("issue_comment", told, lab.secret)).status).toBe(200);
    }
    await lab.quiet();
    expect((await lab.detail(pull.number))?.dirspaces[0]?.phase).toBe("planned");
    expect(lab.comments(pull)).toEqual(before);
    expect(real.reactions).toEqual([]);
    // The same words count where GitHub has them.
    scene.comment(double, pull, people.ann, "terrane apply");
    await lab.until(pull.number, "applied", (now) => now.dirspaces[0]?.phase === "applied");
  },
);

// ── Claims ──

async function claim(attempt: string, token: string): Promise<readonly [number, string]> {
  const response = await fetch(lab.server.url + runnerPaths.claim(attempt), {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await response.json()) as { error?: { code: string; message: string } };
  return [response.status, `${body.error?.code}: ${body.error?.message}`];
}

async function startedBy(
  repo: Repository,
  by: Account,
  file: string,
  ref: string,
  attempt: string,
) {
  const { world } = lab.double;
  const held = lab.hold();
  const workflow = await findWorkflow(world, repo, file);
  await dispatch(world, repo, workflow, by, { ref, inputs: { attempt } });
  return await held;
}

whereTerraform(
  "T4 T5 no other job than the one that was started can claim the attempt",
  async () => {
    const { double, repo, people } = lab;
    const held = lab.hold();
    const { pull } = await open();
    const ours = await held;
    const attempt = ours.inputs["attempt"] ?? "";
    const audience = claimAudience(lab.server.url, attempt);
    const files = {
      ".github/workflows/terrane.yml": workflowFile(),
      ".github/workflows/other.yml": workflowFile(),
    };
    const elsewhere = await scene.createRepository(double, repo.owner, "other", { files });
    await scene.push(double, repo, { branch: "sly", files, by: people.ann });
    await scene.push(double, repo, {
      branch: "main",
      files: { ".github/workflows/other.yml": workflowFile() },
      by: people.bob,
    });
    const by = people.ann;
    const others: [string, WorkflowRun, TokenChange, number, RegExp][] = [
      [
        "another repository",
        await startedBy(elsewhere, by, "terrane.yml", "main", attempt),
        {},
        401,
        /IDENTITY_REFUSED: .*another repository/,
      ],
      [
        "another workflow",
        await startedBy(repo, by, "other.yml", "main", attempt),
        {},
        401,
        /IDENTITY_REFUSED: .*other\.yml/,
      ],
      [
        "another branch",
        await startedBy(repo, by, "terrane.yml", "sly", attempt),
        {},
        401,
        /IDENTITY_REFUSED: .*refs\/heads\/sly/,
      ],
      [
        "another run",
        await startedBy(repo, by, "terrane.yml", "main", attempt),
        {},
        409,
        /OTHER_CI_RUN: .*belongs to the CI run/,
      ],
      ["a re-run", ours, { claims: { run_attempt: "2" } }, 409, /RERUN_REFUSED/],
      ["another event", ours, { claims: { event_name: "push" } }, 401, /started by push/],
      ["another owner", ours, { claims: { repository_owner_id: "7" } }, 401, /another owner/],
      ["another key", ours, { signedBy: "other_key" }, 401, /signature/],
    ];
    for (const [what, run, change, status, text] of others) {
      const token = await double.oidc.token(double.world, run, audience, change);
      const [answered, said] = await claim(attempt, token);
      expect(said, what).toMatch(text);
      expect(answered, what).toBe(status);
    }
    const foreign = claimAudience(lab.server.url, randomUUID());
    const token = await double.oidc.token(double.world, ours, foreign);
    expect((await claim(attempt, token))[0]).toBe(401);
    expect((await claim(randomUUID(), token))[0]).toBe(404);
    expect((await claim(attempt, lab.server.token))[0]).toBe(401);

    expect((await lab.run(ours)).code).toBe(0);
    await lab.until(pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
    const late = await double.oidc.token(double.world, ours, audience);
    expect((await claim(attempt, late))[0]).toBe(410);
  },
);

whereTerraform("a job that another server started fetches nothing and says why", async () => {
  const { repo, people } = lab;
  const run = await startedBy(repo, people.ann, "terrane.yml", "main", randomUUID());
  const inputs = { ...run.inputs, server_url: "https://evil.example.test" };
  const ran = await lab.run({ ...run, inputs });
  expect(ran.code).toBe(2);
  expect(ran.log).toContain("started by another server");
});

test("all that crossed the wire is what GitHub's descriptions allow", async () => {
  await lab.quiet();
  expect(lab.double.violations()).toEqual([]);
});
