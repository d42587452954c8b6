import { WorkHook, WorkStep } from "../contract/step.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * The work with every step that this runner cannot read made into one that says so. A server may be
 * newer than its runner, and one unreadable step must not cost the whole run its results.
 */
export function withReadableSteps(work: unknown): unknown {
  if (!isObject(work)) return work;
  const { units, hooks } = work;
  return {
    ...work,
    ...(Array.isArray(units) ? { units: units.map(readableUnit) } : {}),
    ...(isObject(hooks) ? { hooks: { ...hooks, ...lists(hooks) } } : {}),
  };
}

function readableUnit(unit: unknown): unknown {
  if (!isObject(unit) || !Array.isArray(unit["steps"])) return unit;
  return { ...unit, steps: unit["steps"].map((step) => readable(WorkStep, step)) };
}

function lists(hooks: Json): Json {
  const entries = ["pre", "post"].flatMap((phase): [string, unknown][] => {
    const list = hooks[phase];
    return Array.isArray(list) ? [[phase, list.map((hook) => readable(WorkHook, hook))]] : [];
  });
  return Object.fromEntries(entries);
}

function readable(schema: typeof WorkStep | typeof WorkHook, step: unknown): unknown {
  if (schema.safeParse(step).success) return step;
  const type = isObject(step) ? step["type"] : undefined;
  return { type: "unknown", name: typeof type === "string" ? type : "without a type" };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
