import { gzipSync } from "node:zlib";
import { type Prng, prng } from "../../../src/base/prng.ts";
import type { Example } from "./examples.ts";

/** A delivery that nobody at GitHub meant. */
export interface Mutated {
  readonly event: string;
  readonly body: Uint8Array;
}

/** The same for the same example and number; between one and three things are not as they were. */
export function mutatePayload(example: Example, others: readonly Example[], seed: number): Mutated {
  const random = prng(seed);
  const root = { ...structuredClone(example.payload) };
  const event = random.chance(0.1) ? random.pick(others).event : example.event;
  for (let left = 1 + random.below(3); left > 0; left -= 1) change(root, others, random);
  const text = JSON.stringify(root);
  return { event, body: random.chance(0.2) ? damage(text, random) : Buffer.from(text) };
}

/** What is read at all, so that most changes matter. */
const READ = new Set(
  [
    "action after app base_ref base_sha body check_run check_suite comment default_branch deleted",
    "external_id full_name head_ref head_sha id identifier installation issue login merge_group name",
    "number performed_via_github_app pull_request pull_requests reason ref repositories repository",
    "repositories_added repositories_removed requested_action run_id sender user workflow_job workflow_run",
  ].flatMap((line) => line.split(" ")),
);

type Holder = Record<string, unknown>;

function change(root: Holder, others: readonly Example[], random: Prng): void {
  const [holder, key] = place(root, random);
  if (key === undefined) return;
  switch (random.below(7)) {
    case 0:
      delete holder[key];
      return;
    case 1: {
      const value = holder[key];
      delete holder[key];
      holder[random.pick([key.toUpperCase(), `${key}_`, "id", "__proto__", "constructor"])] = value;
      return;
    }
    case 2:
    case 3:
      holder[key] = random.pick(VALUES)(random);
      return;
    case 4:
      holder[key] = nested(holder[key], random);
      return;
    case 5:
      Object.defineProperty(holder, random.pick(PROTO_KEYS), {
        value: { id: 666, polluted: true },
        enumerable: true,
        configurable: true,
        writable: true,
      });
      return;
    default:
      holder[key] = ofAnother(random.pick(others), key);
  }
}

function ofAnother({ payload }: Example, key: string): unknown {
  return Object.hasOwn(payload, key) ? structuredClone(payload[key]) : null;
}

/** A random key, twice of three times one that is read. */
function place(root: Holder, random: Prng): readonly [Holder, string | undefined] {
  const wanted = random.chance(0.66);
  let holder = root;
  for (let depth = 0; depth < 6; depth += 1) {
    const keys = Object.keys(holder).filter((key) => !wanted || READ.has(key));
    if (keys.length === 0) return [holder, Object.keys(holder)[0]];
    const key = random.pick(keys);
    const inner = holder[key];
    if (typeof inner !== "object" || inner === null || random.chance(0.3)) return [holder, key];
    holder = inner as Holder;
  }
  return [holder, Object.keys(holder)[0]];
}

const PROTO_KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

const HUGE = "x".repeat(300_000);

const VALUES: readonly ((random: Prng) => unknown)[] = [
  () => null,
  () => [],
  () => ({}),
  () => true,
  () => "",
  () => "5",
  () => 0,
  () => -1,
  () => 1.5,
  () => Number.MAX_SAFE_INTEGER,
  () => Number.MAX_SAFE_INTEGER + 2,
  () => 2 ** 31,
  () => 1e308,
  () => "\u0000",
  () => "a\u0000b\u001b[31m",
  () => "\ud800",
  () => "\u202e\u2066evil\u2069",
  () => "Z\u0351\u036b\u0343".repeat(200),
  () => "../../etc/passwd",
  () => "refs/heads/",
  () => "refs/heads/gh-readonly-queue/main/pr-0-",
  () => "refs/heads/gh-readonly-queue/main/pr-99999999999999-abc",
  () => "pull-00",
  () => "0".repeat(40),
  () => "g".repeat(40),
  () => "constructor",
  () => "'; drop table event; --",
  () => HUGE,
  () => Array.from({ length: 5_000 }, (_, number) => ({ number })),
  (random) => random.below(2 ** 31),
  (random) => String.fromCharCode(...Array.from({ length: 20 }, () => random.below(0x10000))),
];

function nested(value: unknown, random: Prng): unknown {
  let result: unknown = value;
  const asList = random.chance(0.5);
  for (let depth = random.pick([1, 3, 2_000]); depth > 0; depth -= 1) {
    result = asList ? [result] : { id: result };
  }
  return result;
}

/** No JSON, no UTF-8, or not the JSON that it began as. */
function damage(text: string, random: Prng): Uint8Array {
  const bytes = Buffer.from(text);
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length));
    case 1:
      return Buffer.from(text, "utf16le");
    case 2:
      return Buffer.from(`\ufeff${text}`);
    case 3:
      return gzipSync(bytes.subarray(0, 2_000));
    case 4:
      return Buffer.from(`payload=${encodeURIComponent(text.slice(0, 5_000))}`);
    case 5: {
      const at = random.below(bytes.length);
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xc3, 0x28]), bytes.subarray(at)]);
    }
    case 6:
      return Buffer.from(text.replace(/\d+/, (digits) => `${digits}${"0".repeat(400)}`));
    default:
      return Buffer.from(`${text}${text}`);
  }
}
