import { truncateEnd } from "../../base/text.ts";
import type { Masker } from "../mask.ts";
import type { Applied } from "../unit-state.ts";

export const OUTPUTS_CHARS_MAX = 64_000_000;
const OUTPUT_VALUE_CHARS_MAX = 4_000;

type Learner = Pick<Masker, "add" | "mask">;

export interface Output {
  readonly name: string;
  readonly sensitive: boolean;
  readonly value: unknown;
}

/** As terraform prints them: `{name: {value, sensitive}}`. What does not say is treated as sensitive. */
export function terraformOutputs(json: string): readonly Output[] {
  return Object.entries(members(json)).flatMap(([name, output]) => {
    if (typeof output !== "object" || output === null || !("value" in output)) return [];
    const sensitive = !("sensitive" in output) || output.sensitive !== false;
    return [{ name, sensitive, value: output.value }];
  });
}

/** The members of a JSON object; none where it is no object. */
export function members(json: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(json);
    if (typeof document !== "object" || document === null || Array.isArray(document)) return {};
    return document as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** For the result: sensitive values are learnt for masking and go nowhere. */
export function shownOutputs(outputs: readonly Output[], masker: Learner): Applied["outputs"] {
  for (const output of outputs) if (output.sensitive) addLeaves(output.value, masker);
  return outputs.map(({ name, sensitive, value }) => ({
    name,
    sensitive,
    value: sensitive ? null : truncateEnd(masker.mask(textOf(value)), OUTPUT_VALUE_CHARS_MAX),
  }));
}

function addLeaves(value: unknown, masker: Learner): void {
  if (typeof value === "string") masker.add(value);
  else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) addLeaves(member, masker);
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
