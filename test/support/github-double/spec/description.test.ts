import { expect, test } from "vitest";
import { description, webhookDescription } from "./description.ts";

function problems(
  method: string,
  path: string,
  sent: { body?: unknown; query?: string; status?: number; answer?: unknown },
) {
  const operation = description().match(method, path);
  if (operation === undefined) return ["no such operation"];
  return description().check({
    operation,
    query: new URLSearchParams(sent.query),
    requestBody: sent.body,
    status: sent.status ?? 200,
    responseBody: sent.answer,
  });
}

const REPO = "/repos/acme/infra";

test.each([
  ["a wrong value", "PUT", `${REPO}/pulls/1/merge`, { body: { merge_method: "fast" } }],
  ["a misspelt key", "PUT", `${REPO}/pulls/1/merge`, { body: { merge_methd: "merge" } }],
  ["a missing key", "POST", `${REPO}/pulls`, { body: { head: "x", title: "t" }, status: 201 }],
  ["a missing body", "POST", `${REPO}/pulls`, { status: 201 }],
  ["an unknown query", "GET", `${REPO}/contents/a/b.tf`, { query: "reff=main" }],
  ["an unknown path", "GET", `${REPO}/nothing`, {}],
  ["an unknown status", "GET", REPO, { status: 418 }],
  ["an incomplete answer", "GET", `${REPO}/pulls/1/files`, { answer: [{ filename: "a.tf" }] }],
] as const)("%s is found", (_, method, path, sent) => {
  expect(problems(method, path, sent)).not.toEqual([]);
});

test.each([
  ["issues/create-comment", 201],
  ["checks/create", 201],
  ["actions/get-workflow-run", 200],
  ["repos/get", 200],
  ["apps/get-webhook-delivery", 200],
] as const)("the description's own example of %s has the shape it describes", (id, status) => {
  const example = description().example(id, status);
  const paths: Record<string, [string, string]> = {
    "issues/create-comment": ["POST", `${REPO}/issues/1/comments`],
    "checks/create": ["POST", `${REPO}/check-runs`],
    "actions/get-workflow-run": ["GET", `${REPO}/actions/runs/1`],
    "repos/get": ["GET", REPO],
    "apps/get-webhook-delivery": ["GET", "/app/hook/deliveries/1"],
  };
  const [method, path] = paths[id] ?? ["", ""];
  const found = problems(method, path, { status, answer: example }).filter((p) =>
    p.startsWith("response"),
  );
  // The examples of some schemas lag behind by new required fields; shape and types must agree.
  expect(found.filter((p) => !p.includes("must have required property"))).toEqual([]);
});

test("a webhook that GitHub does not know, or that lacks what it says, is found", () => {
  const check = webhookDescription().check;
  expect(check("pull_request", { action: "exploded" })).toEqual([
    "no such webhook: pull-request-exploded",
  ]);
  expect(check("pull_request", { action: "opened" })).toContain(
    "pull-request-opened must have required property 'number'",
  );
});
