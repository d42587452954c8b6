import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { WorkStep } from "../../src/contract/step.ts";
import type { WorkUnit } from "../../src/contract/work.ts";
import { PLAN_STEPS, run, unit, until, useRunner, workItem } from "../support/runner-lab.ts";
import { ScriptedTools } from "../support/scripted-tools.ts";

const its = useRunner();
const engine = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;
const said = (script: string, more: Parameters<typeof run>[1] = {}) =>
  run(["sh", "-c", script], { captureOutput: true, ...more });
const log = () => its.server.outputOf({ dir: "a", workspace: "default" });

async function one(
  steps: WorkStep[],
  env: Record<string, string> = {},
  more: Partial<WorkUnit> = {},
) {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps, engine, ...more })];
  return await its.job({ headSha, units }, repository.bare, env);
}

test("every step is reported with its command, its text and how it is shown", async () => {
  const ran = await one([
    said("echo shown; echo also >&2", {
      format: { type: "code", lang: "json" },
      visibleOn: "always",
    }),
    said("echo 'not captured'", { captureOutput: false, format: { type: "markdown" } }),
    said("echo almost; exit 2", { ignoreErrors: true }),
  ]);
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const { steps = [] } = its.result("a default", "planned");
  expect(steps).toMatchObject([
    {
      step: "run",
      title: "sh -c 'echo shown; echo also >&2'",
      outcome: "succeeded",
      visibleOn: "always",
      format: { type: "code", lang: "json" },
      exitCode: 0,
    },
    { outcome: "succeeded", text: "", format: { type: "markdown" }, visibleOn: "failure" },
    { outcome: "ignored", text: "almost\nsh ended with exit code 2.", exitCode: 2 },
  ]);
  expect(steps[0]?.text.split("\n").sort()).toEqual(["also", "shown"]);
  expect(log()).toContain("not captured");
});

test("what a step says is bounded, and its end is kept", async () => {
  await one([said("yes 0123456789 | head -n 20000; echo the end")]);
  const text = its.result("a default", "planned").steps?.[0]?.text ?? "";
  expect(text.length).toBeLessThanOrEqual(20_000);
  expect(text).toMatch(/characters are not shown[^]*the end$/);
});

test("more steps than a result can tell of keep what failed", async () => {
  const many = Array.from({ length: 210 }, () => run(["true"]));
  await one([said("exit 9", { ignoreErrors: true }), ...many]);
  const { steps = [] } = its.result("a default", "planned");
  expect(steps).toHaveLength(200);
  expect(steps[0]).toMatchObject({ outcome: "ignored", exitCode: 9 });
});

test("runner defect 4: `$(…)`, `$1`, `$$` and secrets with a dollar pass through arguments as they are", async () => {
  const ran = await one(
    [
      said("echo $(echo sub) $1 ${2:-two} $$HOME '$${NOT}'"),
      run(["sh", "-c", 'printf "%s" "$1" | od -An -c', "sh", "$TRICKY"], { captureOutput: true }),
    ],
    { TRICKY: "a$x${y}$$b", HOME: "/somewhere" },
  );
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const texts = its.result("a default", "planned").steps?.map(({ text }) => text) ?? [];
  expect(texts[0]).toBe("sub two /somewhere ${NOT}");
  expect(texts[1]?.replace(/\s+/g, "")).toBe("a$x${y}$$b");
});

test("runner defect 10: what goes wrong inside the runner is told as a failure of the step, with its cause", async () => {
  const ran = await one([
    {
      type: "env",
      method: "exec",
      name: "X",
      cmd: ["printf", "a\\0b"],
      sensitive: false,
      trimTrailingNewlines: true,
    },
    run(["true"]),
    said("echo handler", { runOn: "failure" }),
  ]);
  expect(ran.code).toBe(1);
  const { failure, steps } = its.result("a default", "failed");
  expect(failure.message).toBe('The runner itself failed in the step "run".');
  expect(failure.tail).toContain("null bytes");
  expect(steps?.map(({ outcome }) => outcome)).toContain("failed");
});

test("runner defect 15: init and plan have the variables of their env", async () => {
  const tools = new ScriptedTools(its.lab.folder);
  tools.add(
    "stand-in-engine",
    `
if (argv[0] === "plan") fs.writeFileSync(argv.find((a) => a.startsWith("-out=")).slice(5), "plan");
if (argv[0] === "show") say(JSON.stringify({ resource_changes: [] }));
`,
  );
  const [init, plan] = PLAN_STEPS.map((step) => ({
    ...step,
    env: { MINE: `${step.type} in $TERRANE_DIR` },
  }));
  const ran = await one(
    [init as WorkStep, plan as WorkStep],
    { PATH: tools.path },
    {
      engine: {
        name: "terraform",
        version: null,
        command: "stand-in-engine",
        collectOutputs: true,
      },
    },
  );
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const seen = tools.calls("stand-in-engine").map(({ argv, env }) => `${argv[0]}: ${env["MINE"]}`);
  expect(seen).toContain("init: init in a");
  expect(seen).toContain("plan: plan in a");
});

test("runner defect 19: a line shows within a second, whatever the other stream holds back", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const script = "printf 'half a line'; echo first >&2; echo second >&2; sleep 20; echo";
  const units = [unit("a", { steps: [said(script)], engine })];
  its.server.offer(workItem({ headSha, units }, repository.bare));
  const job = its.start();
  await until("the command starts", () => log().includes("$ sh"));
  const startedAt = performance.now();
  await until("both lines", () => log().includes("first\nsecond\n"));
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(log()).not.toContain("\nhalf a line");
  job.process.kill("SIGTERM");
  await job.ended;
  expect(log()).toContain("\nhalf a line");
});

test.each([
  ["a failed step", [run(["false"])], 1],
  ["an ignored failure", [run(["false"], { ignoreErrors: true })], 0],
  ["nothing wrong", [run(["true"])], 0],
])("runner defect 24: the colour of the job says how it went: %s", async (_what, steps, code) => {
  expect((await one(steps)).code).toBe(code);
});

const SECRET = 'p4ss "w<o>rd&$x{y}\nsecond-line-5ecret';

test("a secret is hidden in every encoding, in the log, the reports, failures and the results file", async () => {
  const encodings = `
const secret = process.env.DB_PASSWORD;
const all = [secret, ...secret.split("\\n"), JSON.stringify(secret), JSON.stringify(JSON.stringify(secret)),
  encodeURIComponent(secret), Buffer.from(secret).toString("hex")];
for (const before of ["", "x", "xy"]) {
  all.push(Buffer.from(before + secret).toString("base64"));
  all.push(Buffer.from(before + secret + "tail").toString("base64url"));
}
for (const each of all) { console.log("<" + each + ">"); console.error("<" + each + ">"); }
process.exit(Number(process.argv[2]));
`;
  const repository = its.repository({ "a/x": "", "leak.cjs": encodings });
  const headSha = repository.commit("feature", {});
  const leak = (code: number, more: Parameters<typeof run>[1] = {}) =>
    run([process.execPath, "$TERRANE_ROOT/leak.cjs", String(code)], {
      captureOutput: true,
      ...more,
    });
  const tell = run(["sh", "-c", 'base64 -w0 "$TERRANE_RESULTS_FILE"'], {
    captureOutput: true,
    runOn: "always",
  });
  const ran = await its.job(
    {
      headSha,
      units: [unit("a", { engine, steps: [leak(0), leak(3, { ignoreErrors: true }), leak(4)] })],
      hooks: { pre: [leak(0)] as never, post: [leak(0, { runOn: "always" }), tell] as never },
    },
    repository.bare,
    { DB_PASSWORD: SECRET },
  );
  const file = its.server.finishes[0]?.hooks?.post[1]?.text ?? "";
  const places = {
    log: ran.log,
    requests: its.server.everything(),
    results: Buffer.from(file, "base64").toString("utf8"),
  };
  expect(places.results).toContain("<***>");
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  const forms = [
    "second-line-5ecret",
    json(SECRET),
    json(json(SECRET)),
    encodeURIComponent(SECRET),
    Buffer.from(SECRET).toString("hex"),
    Buffer.from("second-line-5ecret").toString("base64").slice(4, 20),
    ...["", "x", "xy"].map((before) =>
      Buffer.from(before + SECRET)
        .toString("base64")
        .slice(4, -4),
    ),
  ];
  for (const [place, text] of Object.entries(places)) {
    for (const form of forms) expect(text.includes(form), `${form} in the ${place}`).toBe(false);
  }
});

test("values that tell nothing are not hidden: short ones, and words for yes and no", async () => {
  await one([said("echo count = 1 enabled = true, none")], {
    A_SECRET: "1",
    B_SECRET: "true",
    C_SECRET: "none",
    D_SECRET: "cou",
  });
  expect(log()).toContain("count = 1 enabled = true, none");
});

test("a tool names a secret by a line that nobody sees, also in a variable it prints", async () => {
  await one([
    {
      type: "env",
      method: "exec",
      name: "TOKEN",
      cmd: ["printf", "::add-mask::fetched-5ecret%%25\\nfetched-5ecret%%"],
      sensitive: false,
      trimTrailingNewlines: true,
    },
    said(
      'printf "::%s-mask::other-5ecret\\n" add; echo <$TOKEN> other-5ecret; exit 1'.replace(
        "<$TOKEN>",
        "'<$TOKEN>'",
      ),
    ),
  ]);
  const { failure, steps } = its.result("a default", "failed");
  expect(steps?.[1]?.text).toMatch(/^<\*\*\*> \*\*\*\n/);
  expect(failure.tail).toBe("<***> ***\n");
  expect(its.server.everything()).not.toContain("5ecret");
  expect(its.server.everything()).not.toContain("add-mask");
});

test("authorities of the customer are trusted by the runner and known to every tool", async () => {
  const file = (name: string) => join(its.lab.folder, name);
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject].concat([
      "-keyout",
      file("key.pem"),
      "-out",
      file("cert.pem"),
    ]),
    { stdio: "ignore" },
  );
  const cert = readFileSync(file("cert.pem"), "utf8");
  let heard = 0;
  const server = createServer({ key: readFileSync(file("key.pem")), cert }, (_, response) => {
    heard += 1;
    response.end("ok");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const steps: WorkStep[] = [
    { type: "webhook", url, headers: {}, body: null, runOn: "success" },
    said(
      'grep -c "BEGIN CERT" "$SSL_CERT_FILE" >/dev/null && test "$GIT_SSL_CAINFO" = "$CURL_CA_BUNDLE" && tail -n 3 "$SSL_CERT_FILE"',
    ),
  ];
  const more = { VARIABLES_CONTEXT: JSON.stringify({ CUSTOM_CA_BUNDLE_OWN: `comment\n${cert}` }) };
  const ran = await one(steps, { ...more, GIT_SSL_CAINFO: "", CURL_CA_BUNDLE: "" });
  server.close();
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(heard).toBe(1);
  expect(its.result("a default", "planned").steps?.[1]?.text).toContain("END CERTIFICATE");
});
