import {
  type ChangeCounts,
  RESULT_CHANGES_MAX,
  type ResourceAction,
  type ResourceChange,
} from "../../contract/work.ts";
import { emptyCounts } from "../plan-json.ts";

export interface PulumiPreview {
  readonly changed: boolean;
  readonly counts: ChangeCounts;
  readonly changes: ResourceChange[];
  /** Names and reasons only; values stay in the plan file. */
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Its operations in our words; those of one replacement come as three steps and count once. */
const ACTIONS: Readonly<Record<string, ResourceAction>> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "discard-replaced": "replace",
  "import-replacement": "replace",
  import: "import",
  discard: "forget",
};
const SIGNS: Partial<Record<ResourceAction, string>> = {
  create: "+",
  update: "~",
  delete: "-",
  replace: "+-",
  import: "=",
  forget: ".",
};
const STACK = "pulumi:pulumi:Stack::";

/** What `preview --json` says: its steps, and the summary where it names no steps. */
export function readPreview(document: unknown): PulumiPreview {
  const counts = emptyCounts();
  const byAddress = new Map<string, ResourceChange>();
  for (const item of list(object(document)["steps"])) {
    const step = object(item);
    const action = actionOf(step["op"]);
    const address = addressOf(step["urn"]);
    if (isStackOutputChange(step, address)) counts.outputs += 1;
    if (action === undefined) continue;
    const replacePaths = list(step["replaceReasons"]).filter((one) => typeof one === "string");
    const before = byAddress.get(address);
    const paths = [...new Set([...(before?.replacePaths ?? []), ...replacePaths])];
    byAddress.set(address, { address, action, replacePaths: paths });
  }
  const changes = [...byAddress.values()];
  for (const { action } of changes) if (action in counts) counts[action as keyof ChangeCounts] += 1;
  const summary = Object.entries(object(object(document)["changeSummary"]));
  const summed = summary.some(([op, count]) => actionOf(op) !== undefined && Number(count) > 0);
  return {
    changed: changes.length > 0 || counts.outputs > 0 || summed,
    counts,
    changes: changes.slice(0, RESULT_CHANGES_MAX),
    text: textOf(document, changes, summary),
  };
}

function textOf(
  document: unknown,
  changes: readonly ResourceChange[],
  summary: readonly (readonly [string, unknown])[],
): string {
  const lines = changes.map(({ address, action, replacePaths }) => {
    const why = replacePaths.length > 0 ? ` (because of ${replacePaths.join(", ")})` : "";
    return `${SIGNS[action] ?? " "} ${address}: ${action}${why}`;
  });
  const said = list(object(document)["diagnostics"]).flatMap((item) => {
    const { severity, message } = object(item);
    return typeof message === "string" ? [`${String(severity)}: ${message.trim()}`] : [];
  });
  const counted = summary.map(([op, count]) => `${String(count)} ${op}`).join(", ");
  const blocks = [lines.join("\n"), counted === "" ? "" : `Resources: ${counted}`, said.join("\n")];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function actionOf(op: unknown): ResourceAction | undefined {
  return typeof op === "string" && Object.hasOwn(ACTIONS, op) ? ACTIONS[op] : undefined;
}

/** `urn:pulumi:dev::project::aws:s3/bucket:Bucket::logs` reads `aws:s3/bucket:Bucket::logs`. */
function addressOf(urn: unknown): string {
  const text = typeof urn === "string" ? urn : "";
  return text.split("::").slice(2).join("::") || text;
}

function isStackOutputChange(step: Json, address: string): boolean {
  if (!address.startsWith(STACK) || actionOf(step["op"]) !== undefined) return false;
  const [before, after] = [step["oldState"], step["newState"]].map((one) => object(one)["outputs"]);
  if (before === undefined || after === undefined) return false;
  return JSON.stringify(before) !== JSON.stringify(after);
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
