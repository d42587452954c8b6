import { expect, test } from "vitest";
import type { WorkStep } from "../../src/contract/step.ts";
import {
  APPLY_STEPS,
  PLAN_STEPS,
  resource,
  run,
  SEAL_KEY,
  terraform,
  unit,
  useRunner,
} from "../support/runner-lab.ts";
import { ID_TOKEN } from "../support/runner-server.ts";

const its = useRunner();

const SENSITIVE = 'p@ss "w<o>rd&1${x}';
const LAUNDERED = `
variable "phrase" {
  sensitive = true
}
variable "key" {
  sensitive = true
  default   = <<-EOT
    -----BEGIN KEY-----
    MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
    -----END KEY-----
  EOT
}
resource "terraform_data" "db" {
  input            = { password = var.phrase, key = var.key }
  triggers_replace = [terraform_data.first.output]
}
resource "terraform_data" "first" {
  input = "one"
}
resource "terraform_data" "copy" {
  input = terraform_data.db.output
}
output "password" {
  value     = var.phrase
  sensitive = true
}
output "copied" {
  value = nonsensitive(jsonencode(var.phrase))
}
output "encoded" {
  value = nonsensitive(base64encode("user:\${var.phrase}"))
}
`;

/** Whatever a reader of the requests could turn back into the secret. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret)];
}

function expectNowhere(secret: string, log: string): void {
  const all = its.server.everything();
  for (const form of formsOf(secret)) {
    expect(all).not.toContain(Buffer.from(form).toString("latin1"));
    expect(log).not.toContain(form);
  }
  expect(all).not.toContain(Buffer.from(`user:${secret}`).toString("base64"));
}

terraform(
  "sensitive values are in no request and no log, also where terraform prints them",
  async () => {
    const repository = its.repository({ "db/main.tf": LAUNDERED });
    const headSha = repository.commit("feature", {});
    const env = { TF_VAR_PHRASE: SENSITIVE };
    const leak = run(["sh", "-c", 'printf "%s\\n" "$$TF_VAR_phrase"; env | base64 -w0']);
    const plans = async () => {
      const units = [unit("db", { steps: [...PLAN_STEPS, leak] })];
      const ran = await its.job({ headSha, units }, repository.bare, env);
      expect(ran, ran.log).toMatchObject({ code: 0 });
      return { ran, result: its.result("db default", "planned") };
    };
    const first = await plans();
    const units = [unit("db", { steps: APPLY_STEPS, planDigest: first.result.planDigest })];
    const applied = await its.job({ kind: "apply", headSha, units }, repository.bare, env);
    expect(applied, applied.log).toMatchObject({ code: 0 });
    const outputs = its.result("db default", "applied").outputs;
    expect(outputs.find((output) => output.name === "password")).toEqual({
      name: "password",
      sensitive: true,
      value: null,
    });
    expect(outputs.find((output) => output.name === "copied")?.value).toBe('"***"');

    // The second plan shows computed copies of the sensitive values, which terraform does not mark.
    const changed = { "db/main.tf": LAUNDERED.replace('"one"', '"two"') };
    const headChanged = repository.commit("feature", changed);
    const second = await its.job(
      { headSha: headChanged, units: [unit("db")] },
      repository.bare,
      env,
    );
    const result = its.result("db default", "planned");
    expect(result.changes.map(({ address, action }) => `${action} ${address}`)).toContain(
      "replace terraform_data.db",
    );
    expect(result.text).toContain("***");
    const log = `${first.ran.log}${applied.log}${second.log}`;
    expectNowhere(SENSITIVE, log);
    expectNowhere("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", log);
  },
);

terraform("a failing plan shows its error and none of the secrets", async () => {
  const broken = `${LAUNDERED}
resource "terraform_data" "bad" {
  input = "x"
  lifecycle {
    precondition {
      condition     = length(terraform_data.first.id) < 0 || var.phrase == ""
      error_message = "the password is wrong"
    }
  }
}
`;
  const repository = its.repository({ "db/main.tf": LAUNDERED });
  const env = { TF_VAR_phrase: SENSITIVE };
  const headSha = repository.commit("feature", {});
  await its.job({ headSha, units: [unit("db")] }, repository.bare, env);
  const { planDigest } = its.result("db default", "planned");
  const units = [unit("db", { steps: APPLY_STEPS, planDigest })];
  await its.job({ kind: "apply", headSha, units }, repository.bare, env);
  const headBroken = repository.commit("feature", { "db/main.tf": broken.replace('"one"', '"2"') });
  const ran = await its.job({ headSha: headBroken, units: [unit("db")] }, repository.bare, env);
  expect(ran.code).toBe(1);
  const { failure } = its.result("db default", "failed");
  expect(failure).toMatchObject({ step: "plan", exitCode: 1, signal: null });
  expect(failure.tail).toContain("Resource precondition failed");
  expectNowhere(SENSITIVE, ran.log);
});

test("values of secret-looking variables, sensitive steps and mask commands are hidden", async () => {
  const repository = its.repository({
    "a/x": "",
    "a/creds.sh": "export FROM_SOURCE=sourced-5ecret\n",
    "a/split.sh": "#!/bin/sh\nprintf 'split-'; sleep 0.7; echo 5ecret; echo added-5ecret; exit 1\n",
  });
  const headSha = repository.commit("feature", {});
  const sensitive = { sensitive: true, trimTrailingNewlines: true };
  const echo = (text: string) => run(["sh", "-c", 'echo "$1"; echo "$1" >&2', "sh", text]);
  const steps: WorkStep[] = [
    { type: "env", method: "exec", name: "X", cmd: ["echo", "exec-5ecret"], ...sensitive },
    { type: "env", method: "source", name: null, cmd: ["./creds.sh"], ...sensitive },
    echo("A=$MY_API_TOKEN B=$X C=$FROM_SOURCE D=$IN_CONTEXT"),
    run(["sh", "-c", "echo ::add-mask::added-5ecret"]),
    run(["./split.sh"]),
  ];
  const ran = await its.job(
    {
      headSha,
      units: [
        unit("a", {
          steps,
          engine: { name: "terraform", version: null, command: "sh", collectOutputs: true },
        }),
      ],
    },
    repository.bare,
    {
      MY_API_TOKEN: "env-5ecret",
      SPLIT_SECRET: "split-5ecret",
      SECRETS_CONTEXT: JSON.stringify({ IN_CONTEXT: "context-5ecret" }),
    },
  );
  const log = its.server.outputOf({ dir: "a", workspace: "default" });
  expect(log).toContain("A=*** B=*** C=*** D=***");
  expect(its.result("a default", "failed").failure.tail).toContain("***");
  expect(its.server.everything()).not.toContain("5ecret");
  expect(ran.log).not.toContain("5ecret");
});

test("the runner's own credentials are not shown and not handed to tools", async () => {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const engine = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;
  const steps = [run(["env"])];
  const ran = await its.job({ headSha, units: [unit("a", { steps, engine })] }, repository.bare);
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const bodies = its.server.requests.map((each) => each.body.toString("utf8")).join("\n");
  for (const secret of [ID_TOKEN, SEAL_KEY]) {
    expect(bodies).not.toContain(secret);
    expect(ran.log).not.toContain(secret);
  }
});

terraform(
  "S12 a plan with one changed bit, or moved from elsewhere, is refused and never applied",
  async () => {
    const repository = its.repository({
      "a/main.tf": resource("r", "1"),
      "b/main.tf": resource("r", "1"),
    });
    const headSha = repository.commit("feature", {});
    await its.job({ headSha, units: [unit("a"), unit("b")] }, repository.bare);
    const digest = (dir: string) => its.result(`${dir} default`, "planned").planDigest ?? "";
    const digests = { a: digest("a"), b: digest("b") };
    const apply = async () => {
      const units = [unit("a", { steps: APPLY_STEPS, planDigest: digests.a })];
      await its.job({ kind: "apply", headSha, units }, repository.bare);
      return its.result("a default", "failed");
    };
    its.server.script.alterPlan = (sealed) => {
      sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1);
      return sealed;
    };
    const flipped = await apply();
    expect(flipped).toMatchObject({ fence: 41, failure: { step: "seal" } });
    expect(flipped.failure.message).toContain("Nothing was applied");
    its.server.script.alterPlan = () => its.server.plans.get(digests.b) ?? Buffer.alloc(0);
    expect(await apply()).toMatchObject({ fence: 42, failure: { step: "seal" } });
    its.server.script.alterPlan = () => Buffer.from("not sealed");
    expect(await apply()).toMatchObject({ fence: 43, failure: { step: "seal" } });
    await its.job({ headSha, units: [unit("a")] }, repository.bare);
    expect(its.result("a default", "planned").counts.create).toBe(1);
  },
);

terraform(
  "a key of the job's own seals and opens plans that the server's key does not",
  async () => {
    const repository = its.repository({ "a/main.tf": resource("r", "1") });
    const headSha = repository.commit("feature", {});
    const env = { TERRANE_SEAL_KEY: Buffer.alloc(32, 7).toString("base64") };
    await its.job({ headSha, units: [unit("a")] }, repository.bare, env);
    const { planDigest } = its.result("a default", "planned");
    const units = [unit("a", { steps: APPLY_STEPS, planDigest })];
    await its.job({ kind: "apply", headSha, units }, repository.bare);
    expect(its.result("a default", "failed").failure.step).toBe("seal");
    await its.job({ kind: "apply", headSha, units }, repository.bare, env);
    its.result("a default", "applied");
    const bad = await its.job({ headSha, units }, repository.bare, { TERRANE_SEAL_KEY: "short" });
    expect(bad.code).toBe(1);
    expect(its.server.finishes[0]?.failure?.step).toBe("seal");
  },
);

terraform(
  "an apply hides what was sensitive in its plan, also in outputs that are not",
  async () => {
    const source = `variable "phrase" {
  sensitive = true
}
output "copied" {
  value = nonsensitive(var.phrase)
}
`;
    const repository = its.repository({ "a/main.tf": source });
    const headSha = repository.commit("feature", {});
    const env = { TF_VAR_phrase: SENSITIVE };
    await its.job({ headSha, units: [unit("a")] }, repository.bare, env);
    const { planDigest } = its.result("a default", "planned");
    const units = [unit("a", { steps: APPLY_STEPS, planDigest })];
    const applied = await its.job({ kind: "apply", headSha, units }, repository.bare);
    expect(applied, applied.log).toMatchObject({ code: 0 });
    expect(its.result("a default", "applied")).toMatchObject({
      outputs: [{ name: "copied", sensitive: false, value: "***" }],
    });
    expectNowhere(SENSITIVE, applied.log);
  },
);

test("half a plan stays hidden when its sensitive values cannot be learnt", async () => {
  const engine = `#!/bin/sh
case "$1" in
  plan) echo '  + output = "half-a-plan"'; echo "Error: it broke" >&2; exit 1 ;;
  show) exit 1 ;;
esac
`;
  const repository = its.repository({ "a/x": "", "engine.sh": engine });
  const headSha = repository.commit("feature", {});
  const units = [
    unit("a", {
      engine: { name: "terraform", version: null, command: "./engine.sh", collectOutputs: true },
    }),
  ];
  const ran = await its.job({ headSha, units }, repository.bare);
  expect(its.result("a default", "failed").failure.tail).toBe("Error: it broke\n");
  expect(its.server.everything()).not.toContain("half-a-plan");
  expect(ran.log).not.toContain("half-a-plan");
});
