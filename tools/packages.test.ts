import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { ACTION_INPUTS } from "../src/main/action-inputs.ts";
import { treeFiles } from "./files.ts";

/** Everything that we ship for others to run in their CI. */
const SHIPPED = treeFiles(process.cwd(), "deploy");
const WORKFLOWS = SHIPPED.filter((path) => /^deploy\/github\/[^/]+\.ya?ml$/.test(path));
const WITH_INPUTS = ["deploy/gitlab/gitlab-ci.yml", "deploy/gitlab/terrane.yml"];
const WITH_CODE = "deploy/gitlab/one-time-code.yml";
const DOCKERFILES = SHIPPED.filter((path) => path.endsWith("Dockerfile"));
const ACTION = "deploy/github/action/action.yml";

type Yaml = { readonly [key: string]: Yaml | undefined };

const read = (path: string) => readFileSync(path, "utf8");
const yaml = (path: string) => parse(read(path), { strict: true, uniqueKeys: true }) as Yaml;
const keys = (value: Yaml | undefined) => Object.keys(value ?? {});
const text = (value: Yaml | undefined) => value as string | undefined;

test("every file that is shipped is one of those that are looked at here", () => {
  const known = [...WORKFLOWS, ...WITH_INPUTS, WITH_CODE, ...DOCKERFILES, ACTION];
  expect(SHIPPED.filter((path) => !known.includes(path))).toEqual([]);
  expect([WORKFLOWS.length, DOCKERFILES.length]).toEqual([2, 1]);
});

test("the action has no key that GitHub does not know, and starts a program that the build puts beside it", () => {
  const action = yaml(ACTION);
  expect(keys(action)).toEqual(["name", "description", "author", "inputs", "runs"]);
  expect(action["runs"]).toEqual({ using: "node20", main: "runner.mjs" });
  expect(read("tools/build.ts")).toContain('join(folder, "runner.mjs")');
  for (const input of Object.values(action["inputs"] ?? {})) {
    const known = ["description", "required", "default"];
    expect(keys(input).filter((key) => !known.includes(key))).toEqual([]);
    // Whoever must give it needs no default, and whoever need not has one.
    expect(input?.["default"] === undefined).toBe((input?.["required"] as unknown) === true);
  }
});

test("the action declares exactly the inputs that the runner reads", () => {
  expect(keys(yaml(ACTION)["inputs"]).toSorted()).toEqual([...ACTION_INPUTS].toSorted());
});

function stepsOf(workflow: Yaml): readonly Yaml[] {
  return Object.values(workflow["jobs"] ?? {}).flatMap(
    (job) => (job?.["steps"] ?? []) as unknown as readonly Yaml[],
  );
}

test.each(WORKFLOWS)(
  "%s: inputs that are used are declared, and those declared are used",
  (path) => {
    const workflow = yaml(path);
    // `on` is a plain string in YAML 1.2.
    const declared = keys(workflow["on"]?.["workflow_dispatch"]?.["inputs"]);
    const used = [...read(path).matchAll(/\binputs\.([a-z_]+)/g)].map(([, name = ""]) => name);
    expect([...new Set(used)].toSorted()).toEqual(declared.toSorted());
  },
);

test.each(WORKFLOWS)("%s: asks for two permissions and pins what it uses by commit", (path) => {
  const workflow = yaml(path);
  expect(workflow["permissions"]).toEqual({ "id-token": "write", contents: "read" });
  const uses = stepsOf(workflow).flatMap((step) => text(step["uses"]) ?? []);
  expect(uses.filter((name) => !/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/.test(name))).toEqual([]);
});

test.each(WORKFLOWS)("%s: no input of somebody reaches a shell as text", (path) => {
  for (const step of stepsOf(yaml(path))) expect(text(step["run"]) ?? "").not.toContain("${{");
});

test("the workflow with the action gives only inputs that it has, and all that it must", () => {
  const inputs = yaml(ACTION)["inputs"] ?? {};
  const [step] = stepsOf(yaml("deploy/github/terrane-action.yml"));
  const given = keys(step?.["with"]);
  expect(given.filter((name) => inputs[name] === undefined)).toEqual([]);
  const required = keys(inputs).filter((name) => (inputs[name]?.["required"] as unknown) === true);
  expect(required.filter((name) => !given.includes(name))).toEqual([]);
});

/** The header with the inputs, and what follows it. */
function ciFile(path: string): { readonly inputs: Yaml; readonly body: Yaml } {
  const [header, body] = parseAllDocuments(read(path), { strict: true, uniqueKeys: true });
  const spec = (header?.toJS() ?? {}) as Yaml;
  return { inputs: spec["spec"]?.["inputs"] ?? {}, body: (body?.toJS() ?? {}) as Yaml };
}

const ROOT = ciFile("deploy/gitlab/gitlab-ci.yml");
const TEMPLATE = ciFile("deploy/gitlab/terrane.yml");

test.each(WITH_INPUTS)(
  "%s: inputs that are used are declared, and those declared are used",
  (path) => {
    const used = [...read(path).matchAll(/\$\[\[ inputs\.(\w+) \]\]/g)].map(
      ([, name = ""]) => name,
    );
    expect([...new Set(used)].toSorted()).toEqual(keys(ciFile(path).inputs).toSorted());
  },
);

test("the file at the root passes every input on, and needs none in pipelines of others", () => {
  const [include] = ROOT.body["include"] as unknown as readonly Yaml[];
  expect(text(include?.["local"])).toBe(".gitlab/terrane.yml");
  expect(keys(include?.["inputs"])).toEqual(keys(ROOT.inputs));
  const required = Object.entries(TEMPLATE.inputs).filter(
    ([, one]) => one?.["default"] === undefined,
  );
  expect(required.filter(([name]) => include?.["inputs"]?.[name] === undefined)).toEqual([]);
  const open = Object.values(ROOT.inputs).filter((one) => one?.["default"] === undefined);
  expect(open).toEqual([]);
});

test("the CI job asks for one token, for this attempt alone, and takes the server from a variable", () => {
  const job = TEMPLATE.body[".terrane"];
  expect(job?.["id_tokens"]).toEqual({
    TERRANE_ID_TOKEN: { aud: "${TERRANE_URL}/attempts/$[[ inputs.attempt ]]" },
  });
  expect(job?.["variables"]?.["TERRANE_SERVER_URL"]).toBe("$TERRANE_URL");
  expect(job?.["retry"]).toBe(0);
  expect(job?.["image"]?.["name"]).toBe("$TERRANE_IMAGE");
  const script = ((job?.["script"] ?? []) as unknown as readonly string[]).join("\n");
  expect(script).not.toContain("$[[");
  expect(script.trimEnd().split("\n").at(-1)).toBe('exec node "$runner"');
});

test("the CI file with a one-time code runs the same job, and never names the code", () => {
  const { id_tokens: _tokens, tags: _tags, ...job } = TEMPLATE.body[".terrane"] ?? {};
  const older = yaml(WITH_CODE)[".terrane"];
  expect(older?.["script"]).toEqual(job["script"]);
  expect(older?.["image"]).toEqual(job["image"]);
  expect(keys(older)).toEqual(keys(job));
  // It is a variable of the pipeline, in a file: whatever repeated it would put it into a log or into others' hands.
  expect(read(WITH_CODE)).not.toMatch(/TERRANE_CODE\b|TERRANE_CODE_FILE/);
});

const INSTRUCTIONS = ["ARG", "FROM", "RUN", "COPY", "ENV", "USER", "WORKDIR", "ENTRYPOINT"];
const COPIED = ["dist/runner.js", "dist/runner-index.cjs"];

test.each(DOCKERFILES)(
  "%s: nothing floats, nothing is fetched but Debian packages, nobody is root",
  (path) => {
    const lines = read(path).replaceAll("\\\n", " ").split("\n");
    const parsed = lines.flatMap((line) => {
      const [, word, rest = ""] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
      if (word === undefined) expect(line).toMatch(/^(?:#.*)?$/);
      return word === undefined ? [] : [{ word, rest }];
    });
    const all = (word: string) => parsed.flatMap((one) => (one.word === word ? [one.rest] : []));
    expect(parsed.filter(({ word }) => !INSTRUCTIONS.includes(word))).toEqual([]);
    // An argument with a default would be a base that nobody chose.
    expect(all("ARG")).toEqual(["NODE_IMAGE"]);
    expect(all("FROM")).toEqual(["${NODE_IMAGE}"]);
    expect(all("RUN").join("\n")).not.toMatch(/curl|wget|https?:|npm|pip/);
    expect(all("COPY").map((rest) => rest.split(/\s+/).at(-2))).toEqual(COPIED);
    expect(all("USER")).toEqual(["1000:1000"]);
    expect(parsed.at(-1)?.word).toBe("ENTRYPOINT");
  },
);

/** Set by the build, or given to steps and not read from outside. */
const NOT_READ = ["TERRANE_INDEX_SHA", "TERRANE_WORKSPACE"];

test("the page of the runner names every variable that the runner reads", () => {
  const sources = [...treeFiles(process.cwd(), "src/runner"), "src/main/runner.ts"].filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts"),
  );
  const code = sources.map(read).join("\n");
  const named = [...code.matchAll(/(?:\benv\[|seconds\(env, )"(TERRANE_[A-Z_]+)/g)];
  const names = [...new Set(named.map(([, name = ""]) => name))];
  expect(names.length).toBeGreaterThan(10);
  const page = read("docs/operating/runner.md");
  expect(names.filter((name) => !NOT_READ.includes(name) && !page.includes(`\`${name}\``))).toEqual(
    [],
  );
});

test("what the page of the runner links to is there", () => {
  const links = [...read("docs/operating/runner.md").matchAll(/\]\((\.\.?\/[^)#]+)/g)];
  const missing = links.flatMap(([, to = ""]) => (existsSync(`docs/operating/${to}`) ? [] : [to]));
  expect(missing).toEqual([]);
});
