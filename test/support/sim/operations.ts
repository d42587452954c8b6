import type { Prng } from "../../../src/base/prng.ts";
import type { FaultClass, Intensities } from "./faults.ts";

/** Something that a person or the weather does at a moment; `dice` is its own source of randomness. */
export interface Operation {
  readonly atMs: number;
  readonly kind: OperationKind;
  readonly dice: number;
}

interface Kind {
  /** How often, beside the others. */
  readonly weight: number;
  /** Without one it is no fault, and always possible. */
  readonly fault?: FaultClass;
}

const KINDS = {
  open: { weight: 3 },
  next: { weight: 14 },
  push: { weight: 4 },
  approve: { weight: 2 },
  comment: { weight: 5 },
  command: { weight: 2 },
  push_base: { weight: 1.5, fault: "F8" },
  force_push: { weight: 1, fault: "F8" },
  close: { weight: 1, fault: "F8" },
  reopen: { weight: 1.5, fault: "F8" },
  merge: { weight: 1, fault: "F8" },
  dismiss: { weight: 1, fault: "F8" },
  permission: { weight: 1, fault: "F8" },
  team: { weight: 0.5, fault: "F8" },
  edit_comment: { weight: 1, fault: "F8" },
  draft: { weight: 0.5, fault: "F8" },
  retarget: { weight: 0.5, fault: "F8" },
  rename: { weight: 0.5, fault: "F8" },
  cancel_job: { weight: 1, fault: "F5" },
  rerun_job: { weight: 1, fault: "F5" },
  kill_machine: { weight: 1, fault: "F5" },
  config_base: { weight: 1.5, fault: "F9" },
  config_head: { weight: 1.5, fault: "F9" },
  forged: { weight: 2, fault: "F2" },
  crash: { weight: 3, fault: "F1" },
  crash_all: { weight: 1, fault: "F1" },
  deploy: { weight: 2, fault: "F10" },
  from_the_future: { weight: 1, fault: "F10" },
  partition: { weight: 2, fault: "F6" },
  vcs_down: { weight: 1, fault: "F4" },
  limited: { weight: 1, fault: "F4" },
  writes_limited: { weight: 1, fault: "F4" },
  database_down: { weight: 1.5, fault: "F7" },
  suspended: { weight: 1, fault: "F11" },
  sleep: { weight: 1.5, fault: "F12" },
} as const satisfies Readonly<Record<string, Kind>>;

export type OperationKind = keyof typeof KINDS;

const ENTRIES: readonly (readonly [OperationKind, Kind])[] = Object.entries(KINDS) as [
  OperationKind,
  Kind,
][];

/** The history of one seed: it begins with so many pull requests, and more come as the dice say. */
export function drawOperations(
  rng: Prng,
  on: Intensities,
  count: number,
  opened: number,
): readonly Operation[] {
  const kinds = ENTRIES.filter(([, { fault }]) => fault === undefined || on[fault] > 0).map(
    ([kind, { weight, fault }]) => ({
      kind,
      weight: weight * (fault === undefined ? 1 : on[fault] + 0.3),
    }),
  );
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const pace = rng.pick([5_000, 30_000, 60_000]);
  const operations = Array.from({ length: opened }, (_, at): Operation => {
    const atMs = at === 0 ? 0 : rng.below(2 * pace);
    return { atMs, kind: "open", dice: rng.uint32() };
  });
  let atMs = 0;
  while (operations.length < count + opened - 1) {
    atMs += rng.below(2 * pace);
    let at = (rng.uint32() / 2 ** 32) * total;
    const found = kinds.find(({ weight }) => (at -= weight) < 0);
    if (found !== undefined) operations.push({ atMs, kind: found.kind, dice: rng.uint32() });
  }
  return operations;
}

/** The class of fault that an operation belongs to, for the counts. */
export function faultOf(kind: OperationKind): FaultClass | undefined {
  const found: Kind = KINDS[kind];
  return found.fault;
}
