import { parseAllDocuments } from "yaml";
import { evaluateRule } from "./rules.ts";

type Value = unknown;
type Mapping = Readonly<Record<string, Value>>;

export type Composed =
  | {
      readonly kind: "ok";
      readonly name: string | undefined;
      readonly jobs: ReadonlyMap<string, Mapping>;
    }
  | { readonly kind: "refused"; readonly message: string };

interface Request {
  readonly files: Files;
  /** Those of the default branch of another project. */
  readonly elsewhere?: (project: string) => Files | undefined;
  readonly inputs: Mapping;
  /** What rules can look at. */
  readonly variables: Variables;
}

type Variables = Readonly<Record<string, string>>;
type Files = ReadonlyMap<string, string>;

class Refusal extends Error {}

const GLOBAL = new Set(["include", "workflow", "variables", "stages", "default", "image", "spec"]);

/** A CI file as GitLab composes it: inputs, includes, `extends`, rules; what our files and those of tests need of it. */
export function compose(request: Request): Composed {
  const { files, inputs, variables } = request;
  try {
    const root = files.get(".gitlab-ci.yml");
    if (root === undefined) throw new Refusal("Missing CI config file");
    const whole = load(root, inputs, request);
    const jobs = new Map<string, Mapping>();
    for (const [key, value] of Object.entries(whole)) {
      if (GLOBAL.has(key) || key.startsWith(".") || !isMapping(value)) continue;
      const job = extended(value, whole);
      if (job["script"] === undefined)
        throw new Refusal(`jobs:${key} config should implement script`);
      if (chosen(job["rules"], variables)) jobs.set(key, job);
    }
    if (jobs.size === 0) {
      throw new Refusal(
        "Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.",
      );
    }
    const workflow = whole["workflow"];
    const name = isMapping(workflow) ? workflow["name"] : undefined;
    return { kind: "ok", jobs, name: typeof name === "string" ? name : undefined };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", message: error.message };
    throw error;
  }
}

function load(text: string, given: Mapping, request: Request): Mapping {
  const documents = parseAllDocuments(text).map((one) => one.toJS() as Mapping);
  const [first = {}, second] = documents;
  const spec = second === undefined ? undefined : first["spec"];
  const hasHeader = isMapping(spec) && isMapping(spec["inputs"]);
  const inputs = checked(hasHeader ? (spec["inputs"] as Mapping) : undefined, given);
  const own = interpolated(second ?? first, inputs) as Mapping;
  let whole: Mapping = {};
  for (const include of (own["include"] ?? []) as readonly Mapping[]) {
    if (!chosen(include["rules"], request.variables)) continue;
    const { file, files } = included(include, request);
    whole = merged(whole, load(file, (include["inputs"] ?? {}) as Mapping, { ...request, files }));
  }
  return merged(whole, own);
}

function included(
  { local, project, file }: Mapping,
  { files, elsewhere }: Request,
): { readonly file: string; readonly files: Files } {
  if (project === undefined) {
    const found = files.get(textOf(local));
    if (found !== undefined) return { file: found, files };
    throw new Refusal(`Local file \`${textOf(local)}\` does not exist!`);
  }
  const there = elsewhere?.(textOf(project));
  if (there === undefined) {
    throw new Refusal(`Project \`${textOf(project)}\` not found or access denied!`);
  }
  const found = there.get(textOf(file));
  if (found !== undefined) return { file: found, files: there };
  throw new Refusal(`Project \`${textOf(project)}\` file \`${textOf(file)}\` does not exist!`);
}

/** With defaults; a value of another kind, or one that nobody declared, is refused. */
function checked(spec: Mapping | undefined, given: Mapping): Mapping {
  const declared = spec ?? {};
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  if (unknown.length > 0) {
    throw new Refusal(
      spec === undefined
        ? "Given inputs not defined in the `spec` section of the included configuration file"
        : `unknown input arguments: ${unknown.join(", ")}`,
    );
  }
  const all = Object.entries(declared).map(([name, rules]) => {
    const { default: otherwise, type = "string", regex } = (rules ?? {}) as Mapping;
    const value = given[name] ?? otherwise;
    if (value === undefined) {
      throw new Refusal(`\`${name}\` input: required value has not been provided`);
    }
    if (type === "array" ? !Array.isArray(value) : typeof value !== type) {
      throw new Refusal(`\`${name}\` input: provided value is not ${textOf(type)}`);
    }
    if (typeof regex === "string" && !new RegExp(regex).test(textOf(value))) {
      throw new Refusal(`\`${name}\` input: provided value does not match required RegEx pattern`);
    }
    return [name, value] as const;
  });
  return Object.fromEntries(all);
}

/** In each value by itself: what an input says cannot become keys. */
function interpolated(value: Value, inputs: Mapping): Value {
  if (typeof value === "string") {
    const whole = /^\$\[\[ inputs\.(\w+) \]\]$/.exec(value)?.[1];
    if (whole !== undefined) return known(inputs, whole);
    return value.replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_all, name: string) =>
      textOf(known(inputs, name)),
    );
  }
  if (Array.isArray(value)) return value.map((one) => interpolated(one, inputs));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, interpolated(one, inputs)]),
  );
}

function known(inputs: Mapping, name: string): Value {
  if (!Object.hasOwn(inputs, name)) {
    throw new Refusal(`unknown input name provided: \`${name}\` in \`inputs.${name}\``);
  }
  return inputs[name];
}

function extended(job: Mapping, whole: Mapping): Mapping {
  const base = job["extends"];
  if (typeof base !== "string") return job;
  const parent = whole[base];
  if (!isMapping(parent)) throw new Refusal(`unknown keys in \`extends\` (${base})`);
  return merged(extended(parent, whole), job);
}

function chosen(rules: Value, variables: Variables): boolean {
  if (rules === undefined) return true;
  return (rules as readonly Mapping[]).some(
    ({ if: condition }) => condition === undefined || evaluateRule(textOf(condition), variables),
  );
}

function merged(under: Mapping, over: Mapping): Mapping {
  const all: Record<string, Value> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = all[key];
    all[key] = isMapping(value) && isMapping(before) ? merged(before, value) : value;
  }
  return all;
}

function textOf(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isMapping(value: Value): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
