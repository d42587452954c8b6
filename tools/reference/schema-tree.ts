import { z } from "zod";
import { configSchema } from "../../src/core/config/schema/root.ts";

/** The part of JSON Schema that our schema becomes. */
export interface JsonSchema {
  $schema?: string;
  title?: string;
  description?: string;
  deprecated?: boolean;
  default?: unknown;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** One key, item or form of the language. */
export interface SchemaNode {
  /** `workflows[].plan[](run).cmd`: `[]` is any item, `<name>` any key, `(run)` one of several forms. */
  readonly path: string;
  /** Without the forms and `null`. */
  readonly schemas: readonly JsonSchema[];
  /** Where a description goes. */
  readonly place: JsonSchema;
  readonly required: boolean;
}

export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { unrepresentable: "any", io: "input" }) as JsonSchema;
}

/** Every key of the language, in the order of the schema. */
export function walkSchema(root: JsonSchema): readonly SchemaNode[] {
  const nodes: SchemaNode[] = [];
  visitObject(root, "", nodes);
  return nodes;
}

function visit(place: JsonSchema, path: string, required: boolean, nodes: SchemaNode[]): void {
  const forms = formsOf(place);
  nodes.push({ path, schemas: forms, place, required });
  const several = forms.length > 1;
  for (const form of forms) {
    if (form.items !== undefined) visitItem(form.items, `${path}[]`, nodes);
    if (!isObject(form)) continue;
    const label = several ? `(${labelOf(form)})` : "";
    if (label !== "") {
      nodes.push({ path: path + label, schemas: [form], place: form, required: false });
    }
    visitObject(form, path + label, nodes);
  }
}

/** An item that is plain text says nothing that its list does not say. */
function visitItem(item: JsonSchema, path: string, nodes: SchemaNode[]): void {
  const forms = formsOf(item);
  for (const form of forms) {
    if (!isObject(form)) continue;
    const label = forms.length > 1 ? `(${labelOf(form)})` : "";
    if (label !== "") {
      nodes.push({ path: path + label, schemas: [form], place: form, required: false });
    }
    visitObject(form, path + label, nodes);
  }
}

function visitObject(form: JsonSchema, path: string, nodes: SchemaNode[]): void {
  const required = new Set(form.required ?? []);
  for (const [key, value] of Object.entries(form.properties ?? {})) {
    visit(value, path === "" ? key : `${path}.${key}`, required.has(key), nodes);
  }
  const others = form.additionalProperties;
  if (typeof others === "object" && path !== "" && !path.endsWith(".env")) {
    visit(others, `${path}.${PLACEHOLDERS[path] ?? "<name>"}`, false, nodes);
  }
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  dirs: "<key>",
  "access_control.files": "<path>",
};

/** The alternatives of a schema, without `null`, which every optional key takes. */
export function formsOf(schema: JsonSchema): readonly JsonSchema[] {
  const alternatives = schema.anyOf ?? schema.oneOf;
  const forms = alternatives === undefined ? [schema] : alternatives.flatMap(formsOf);
  return forms.filter((form) => form.type !== "null");
}

function isObject(schema: JsonSchema): boolean {
  return schema.properties !== undefined || typeof schema.additionalProperties === "object";
}

/** A form is called after what tells it apart: its fixed values, else a key that it needs. */
function labelOf(form: JsonSchema): string {
  const fixed = Object.values(fixedValues(form));
  if (fixed.length > 0) return fixed.join(" ");
  return form.required?.[0] ?? "object";
}

/** The keys that can have one value only (or several spellings of one, of which the first counts). */
export function fixedValues(form: JsonSchema): Readonly<Record<string, string>> {
  const fixed: Record<string, string> = {};
  for (const key of DISCRIMINATORS) {
    const property = form.properties?.[key];
    const [only] = property === undefined ? [] : formsOf(property);
    const value = only?.const ?? only?.enum?.[0];
    if (typeof value === "string") fixed[key] = value;
  }
  return fixed;
}

const DISCRIMINATORS = ["type", "method", "provider", "name"] as const;
