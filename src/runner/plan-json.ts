import {
  type ChangeCounts,
  RESULT_CHANGES_MAX,
  type ResourceAction,
  type ResourceChange,
} from "../contract/work.ts";

export interface PlanFacts {
  readonly counts: ChangeCounts;
  readonly changes: ResourceChange[];
  /** Something to apply: a resource, an import, a move or only an output. */
  readonly changed: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Deeper than any state of a real provider; a hostile plan ends here and not with the stack. */
const DEPTH_MAX = 200;
/** Short numbers are ports and sizes; hiding them would hide half of the text. */
const NUMBER_CHARS_MIN = 6;
const DESTRUCTIVE: readonly ResourceAction[] = ["delete", "replace"];

export function emptyCounts(): ChangeCounts {
  return { create: 0, update: 0, replace: 0, delete: 0, import: 0, move: 0, forget: 0, outputs: 0 };
}

/** What `show -json` says about a plan: numbers, addresses and what forces a replacement, no values. */
export function planFacts(plan: unknown): PlanFacts {
  const counts = emptyCounts();
  const changes: ResourceChange[] = [];
  for (const item of list(object(plan)["resource_changes"])) {
    const resource = object(item);
    const change = object(resource["change"]);
    const address = text(resource["address"]);
    const action = actionOf(list(change["actions"]));
    const imported = change["importing"] !== undefined && change["importing"] !== null;
    const moved = isMoved(resource, address);
    if (action !== undefined && action in counts) counts[action as keyof typeof counts] += 1;
    if (imported) counts.import += 1;
    if (moved) counts.move += 1;
    const shown = action ?? (imported ? "import" : moved ? "move" : undefined);
    if (shown === undefined) continue;
    const replacePaths = list(change["replace_paths"]).map(pathText);
    changes.push({ address, action: shown, replacePaths });
  }
  for (const output of Object.values(object(object(plan)["output_changes"]))) {
    if (!isNoOp(list(object(output)["actions"]))) counts.outputs += 1;
  }
  const changed = changes.length > 0 || counts.outputs > 0;
  return { counts, changes: bounded(changes), changed };
}

/**
 * Every sensitive value that a plan or a state (both as `show -json` writes them) holds in clear, to be
 * hidden wherever it turns up: a value read through a computed attribute loses its mark in terraform's
 * own text, for example `terraform_data.x.output`.
 */
export function sensitiveValues(document: unknown): string[] {
  const found = new Set<string>();
  const root = object(document);
  const declared = object(object(object(root["configuration"])["root_module"])["variables"]);
  for (const [name, variable] of Object.entries(object(root["variables"]))) {
    if (object(declared[name])["sensitive"] === true) leaves(object(variable)["value"], found, 0);
  }
  for (const key of ["resource_changes", "resource_drift"]) {
    for (const item of list(root[key])) changeValues(object(item)["change"], found);
  }
  for (const change of Object.values(object(root["output_changes"]))) changeValues(change, found);
  stateValues(root["planned_values"], found);
  stateValues(root["values"], found);
  stateValues(object(root["prior_state"])["values"], found);
  return [...found];
}

function changeValues(value: unknown, found: Set<string>): void {
  const change = object(value);
  marked(change["before"], change["before_sensitive"], found, 0);
  marked(change["after"], change["after_sensitive"], found, 0);
}

function stateValues(value: unknown, found: Set<string>): void {
  const state = object(value);
  for (const output of Object.values(object(state["outputs"]))) {
    if (object(output)["sensitive"] === true) leaves(object(output)["value"], found, 0);
  }
  moduleValues(state["root_module"], found, 0);
}

function moduleValues(value: unknown, found: Set<string>, depth: number): void {
  if (depth > DEPTH_MAX) return;
  const module = object(value);
  for (const item of list(module["resources"])) {
    const resource = object(item);
    marked(resource["values"], resource["sensitive_values"], found, 0);
  }
  for (const child of list(module["child_modules"])) moduleValues(child, found, depth + 1);
}

/** The parts of `value` where `marks`, of the same shape, says true. */
function marked(value: unknown, marks: unknown, found: Set<string>, depth: number): void {
  if (depth > DEPTH_MAX) return;
  if (marks === true) leaves(value, found, depth);
  else if (Array.isArray(marks)) {
    const items = list(value);
    for (const [at, mark] of marks.entries()) marked(items[at], mark, found, depth + 1);
  } else {
    const members = object(value);
    for (const [key, mark] of Object.entries(object(marks))) {
      if (Object.hasOwn(members, key)) marked(members[key], mark, found, depth + 1);
    }
  }
}

function leaves(value: unknown, found: Set<string>, depth: number): void {
  if (depth > DEPTH_MAX) return;
  if (typeof value === "string") found.add(value);
  else if (typeof value === "number" && String(value).length >= NUMBER_CHARS_MIN) {
    found.add(String(value));
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) leaves(member, found, depth + 1);
  }
}

function actionOf(actions: readonly unknown[]): ResourceAction | undefined {
  if (actions.includes("delete") && actions.includes("create")) return "replace";
  const known: readonly ResourceAction[] = ["create", "update", "delete", "forget", "read"];
  return known.find((action) => actions.includes(action));
}

function isNoOp(actions: readonly unknown[]): boolean {
  return actions.every((action) => action === "no-op");
}

function isMoved(resource: Json, address: string): boolean {
  const before = resource["previous_address"];
  return typeof before === "string" && before !== "" && before !== address;
}

/** `["ports", 0, "from"]` reads `ports[0].from`. */
function pathText(path: unknown): string {
  return list(path)
    .map((part, at) => {
      if (typeof part === "number") return `[${part}]`;
      return at === 0 ? text(part) : `.${text(part)}`;
    })
    .join("");
}

/** Over the limit, what destroys is kept first: it is what a reviewer must not miss. */
function bounded(changes: ResourceChange[]): ResourceChange[] {
  if (changes.length <= RESULT_CHANGES_MAX) return changes;
  const destroys = (change: ResourceChange) => DESTRUCTIVE.includes(change.action);
  return [...changes.filter(destroys), ...changes.filter((change) => !destroys(change))].slice(
    0,
    RESULT_CHANGES_MAX,
  );
}

export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
