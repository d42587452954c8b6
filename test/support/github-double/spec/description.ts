import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** JSON as parsed: only looked at through `field` and `items`. */
export type Json = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly pointer: string;
  readonly body: Json;
}

export interface Exchange {
  readonly operation: Operation;
  readonly query: URLSearchParams;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseBody: unknown;
}

const METHODS = ["get", "put", "post", "patch", "delete"] as const;
/** GitHub answers these anywhere; the description lists them only here and there. */
const GENERIC_STATUS = new Set([401, 403, 404, 422, 429]);
/** Parameters that may hold slashes. */
const DEEP = /^(?:path|ref|basehead|branch)$/;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property of a JSON object, or undefined. */
export function field(value: unknown, key: string): unknown {
  return isJson(value) ? value[key] : undefined;
}

/** GitHub's own OpenAPI description of its REST API, as an oracle for both directions of the wire. */
export interface Description {
  /** Operations that a method and a path could mean, the most literal first. */
  match(method: string, path: string): Operation | undefined;
  check(exchange: Exchange): readonly string[];
  /** The official example of a successful answer, a fresh copy each time. */
  example(operationId: string, status: number): unknown;
  /** `components/schemas/<name>`, as it stands. */
  schema(name: string): unknown;
  /** The example `components/examples/<name>`. */
  sample(name: string): unknown;
}

let loaded: Description | undefined;

/** Loads the description once per process: 13 MB, about 0.35 s. */
export function description(): Description {
  loaded ??= load();
  return loaded;
}

function load(): Description {
  const spec = readPackage("@octokit/openapi");
  const samples = field(spec["components"], "examples");
  repairDefects(spec);
  toJsonSchema([spec["paths"], spec["components"]]);
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: "gh", ...spec });
  const routes = readRoutes(spec);
  const compiled = new Map<string, ValidateFunction>();
  const validate = (ref: string, value: unknown, where: string): string[] => {
    let check = compiled.get(ref);
    if (check === undefined) compiled.set(ref, (check = ajv.compile({ $ref: ref })));
    return check(value) ? [] : explain(check, where);
  };
  return {
    match: (method, path) =>
      routes.find((r) => r.operation.method === method.toLowerCase() && r.pattern.test(path))
        ?.operation,
    check: (exchange) => checkExchange(spec, validate, exchange),
    schema: (name) => field(field(spec["components"], "schemas"), name),
    sample: (name) => {
      const value = field(field(samples, name), "value");
      if (value === undefined) throw new Error(`the description has no example ${name}`);
      return structuredClone(value);
    },
    example: (operationId, status) => {
      const route = routes.find((r) => r.operation.id === operationId);
      const value = exampleOf(spec, samples, route?.operation, status);
      if (value === undefined) throw new Error(`no example for ${operationId} ${status}`);
      return structuredClone(value);
    },
  };
}

/** The packages themselves load every variant of the description (5 s, 1 GB): read the one file. */
function readPackage(name: string): Json {
  const root = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  return JSON.parse(readFileSync(join(root, "generated", "api.github.com.json"), "utf8")) as Json;
}

/** Where the description contradicts its own examples. */
function repairDefects(spec: Json): void {
  // The list of installations asks for an account that is a user and an enterprise; one installation says "or".
  let list: unknown = spec["paths"];
  for (const key of [
    "/app/installations",
    "get",
    "responses",
    "200",
    "content",
    "application/json",
    "schema",
  ]) {
    list = field(list, key);
  }
  const account = field(field(field(list, "items"), "properties"), "account");
  if (!isJson(account) || account["allOf"] === undefined) return;
  const schema = account as Record<string, unknown>;
  schema["anyOf"] = schema["allOf"];
  delete schema["allOf"];
}

interface Route {
  readonly operation: Operation;
  readonly pattern: RegExp;
  readonly parameters: number;
  readonly literal: number;
}

function readRoutes(spec: Json): Route[] {
  const routes: Route[] = [];
  for (const [path, item] of Object.entries(spec["paths"] as Json)) {
    for (const method of METHODS) {
      const body = field(item, method);
      if (!isJson(body)) continue;
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "");
      const source = path
        .replace(/[.+*?^$()|[\]\\]/g, "\\$&")
        .replace(/\{(\w+)\}/g, (_, name: string) => (DEEP.test(name) ? "([^]+)" : "([^/]+)"));
      routes.push({
        operation: {
          id: String(body["operationId"]),
          method,
          path,
          pointer: `gh#/paths/${escapePointer(path)}/${method}`,
          body,
        },
        pattern: new RegExp(`^${source}$`),
        parameters: names.length,
        literal: path.replace(/\{\w+\}/g, "").length,
      });
    }
  }
  return routes.toSorted((a, b) => a.parameters - b.parameters || b.literal - a.literal);
}

/** ajv wants JSON pointers with `/` as `~1` and braces escaped as in a URI. */
function escapePointer(path: string): string {
  return path.replace(/~/g, "~0").replace(/\//g, "~1").replace(/\{/g, "%7B").replace(/\}/g, "%7D");
}

type Validate = (ref: string, value: unknown, where: string) => string[];

const JSON_CONTENT = "content/application~1json/schema";

function checkExchange(spec: Json, validate: Validate, exchange: Exchange): string[] {
  const { operation } = exchange;
  const problems = checkQuery(spec, operation, exchange.query);
  problems.push(...checkRequest(spec, validate, exchange));
  const raw = field(operation.body["responses"], String(exchange.status));
  const response = dereference(spec, raw);
  if (response === undefined) {
    if (!GENERIC_STATUS.has(exchange.status) && exchange.status < 500) {
      problems.push(`response status ${exchange.status} is not in the description`);
    }
    return problems;
  }
  if (field(field(response, "content"), "application/json") === undefined) return problems;
  const reference = field(raw, "$ref");
  const base =
    typeof reference === "string"
      ? `gh${reference}`
      : `${operation.pointer}/responses/${exchange.status}`;
  if (exchange.responseBody !== undefined) {
    problems.push(...validate(`${base}/${JSON_CONTENT}`, exchange.responseBody, "response"));
  }
  return problems;
}

function checkQuery(spec: Json, operation: Operation, query: URLSearchParams): string[] {
  const declared = (operation.body["parameters"] as unknown[] | undefined) ?? [];
  const known = new Set(
    declared
      .map((parameter) => dereference(spec, parameter))
      .filter((parameter) => field(parameter, "in") === "query")
      .map((parameter) => field(parameter, "name")),
  );
  return [...query.keys()]
    .filter((key) => !known.has(key))
    .map((key) => `query ${key} is not in the description`);
}

function checkRequest(spec: Json, validate: Validate, exchange: Exchange): string[] {
  const { operation, requestBody } = exchange;
  const declared = dereference(spec, operation.body["requestBody"]);
  const content = field(field(declared, "content"), "application/json");
  if (content === undefined) {
    const empty =
      requestBody === undefined || (isJson(requestBody) && Object.keys(requestBody).length === 0);
    return empty ? [] : ["request has a body, the description has none"];
  }
  if (requestBody === undefined) {
    return field(declared, "required") === true ? ["request lacks its body"] : [];
  }
  const problems = validate(
    `${operation.pointer}/requestBody/${JSON_CONTENT}`,
    requestBody,
    "request",
  );
  // The schema accepts unknown keys; a misspelt one is our bug all the same.
  const properties = field(dereference(spec, field(content, "schema")), "properties");
  if (isJson(properties) && isJson(requestBody)) {
    for (const key of Object.keys(requestBody)) {
      if (!(key in properties)) problems.push(`request/${key} is not in the description`);
    }
  }
  return problems;
}

function exampleOf(
  spec: Json,
  samples: unknown,
  operation: Operation | undefined,
  status: number,
): unknown {
  const raw = field(operation?.body["responses"], String(status));
  const content = field(field(dereference(spec, raw), "content"), "application/json");
  const examples = field(content, "x-examples");
  let found = isJson(examples) ? Object.values(examples)[0] : undefined;
  // Some examples name another one, either in place of themselves or as their value.
  for (const wrapped of [found, field(found, "value")]) {
    const reference = field(wrapped, "$ref");
    if (typeof reference === "string") found = field(samples, reference.split("/").at(-1) ?? "");
  }
  return field(found, "value");
}

function dereference(spec: Json, value: unknown): unknown {
  const reference = field(value, "$ref");
  if (typeof reference !== "string") return value;
  let found: unknown = spec;
  for (const key of reference.slice(2).split("/")) {
    found = field(found, key.replace(/~1/g, "/").replace(/~0/g, "~"));
  }
  return found;
}

function explain(check: ValidateFunction, where: string): string[] {
  return (check.errors ?? []).map((error) => {
    const allowed: unknown = field(error.params, "allowedValues");
    const list = allowed === undefined ? "" : ` ${JSON.stringify(allowed)}`;
    return `${where}${error.instancePath} ${error.message ?? error.keyword}${list}`;
  });
}

/** OpenAPI 3.0 says `nullable`, JSON Schema says type null; examples are no schema and are set aside. */
function toJsonSchema(node: unknown): void {
  if (Array.isArray(node)) {
    for (const item of node) toJsonSchema(item);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const schema = node as Record<string, unknown>;
  delete schema["example"];
  if ("examples" in schema) {
    schema["x-examples"] = schema["examples"];
    delete schema["examples"];
  }
  for (const [key, value] of Object.entries(schema)) if (key !== "x-examples") toJsonSchema(value);
  if (schema["nullable"] !== true) return;
  delete schema["nullable"];
  allowNull(schema);
}

function allowNull(schema: Record<string, unknown>): void {
  if (typeof schema["type"] === "string") {
    schema["type"] = [schema["type"], "null"];
    const values = schema["enum"];
    if (Array.isArray(values) && !values.includes(null)) schema["enum"] = [...values, null];
    return;
  }
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const inner = schema[key];
    if (!Array.isArray(inner)) continue;
    delete schema[key];
    schema["anyOf"] =
      key === "anyOf" ? [...inner, { type: "null" }] : [{ [key]: inner }, { type: "null" }];
    return;
  }
}

/** Judges the payloads of the webhooks we send, by GitHub's description of webhooks (OpenAPI 3.1). */
export interface WebhookDescription {
  check(event: string, payload: Json): readonly string[];
}

let webhooks: WebhookDescription | undefined;

export function webhookDescription(): WebhookDescription {
  webhooks ??= loadWebhooks();
  return webhooks;
}

function loadWebhooks(): WebhookDescription {
  const spec = readPackage("@octokit/openapi-webhooks");
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: "ow", ...spec });
  const compiled = new Map<string, ValidateFunction>();
  return {
    check(event, payload) {
      const action = payload["action"];
      const kind = `${event}${typeof action === "string" ? `-${action}` : ""}`.replaceAll("_", "-");
      if (field(spec["webhooks"], kind) === undefined) return [`no such webhook: ${kind}`];
      let check = compiled.get(kind);
      if (check === undefined) {
        // Compiling `ow#/webhooks/<kind>` itself "succeeds" and accepts everything: name the schema.
        check = ajv.compile({ $ref: `ow#/webhooks/${kind}/post/requestBody/${JSON_CONTENT}` });
        compiled.set(kind, check);
      }
      return check(payload) ? [] : explain(check, kind);
    },
  };
}
