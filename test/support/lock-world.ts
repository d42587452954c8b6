import { type Dirspace, type DirspaceKey, dirspaceKey } from "../../src/core/change/dirspace.ts";
import type { Effect } from "../../src/core/decision.ts";
import type { Happening } from "../../src/core/event.ts";
import type { CommitSha } from "../../src/core/ids.ts";
import { isHistory } from "../../src/core/lock/history.ts";
import { claimOf, placeOf } from "../../src/core/lock/in-the-way.ts";
import type { FileChange } from "../../src/core/pull-request.ts";
import type { Reason } from "../../src/core/reason.ts";
import { decideGrant, type GrantDecision } from "../../src/core/run/grant.ts";
import type { DirspaceState, LockRecord, WaitRecord } from "../../src/core/snapshot.ts";
import { CoreWorld, person, sha } from "./core-world.ts";

type Outcome = "changed" | "unchanged";
type Rows = Pick<DirspaceState, "locks" | "waits" | "inFlight" | "lastFence" | "lastSeq">;

const NO_ROWS: Rows = { locks: [], waits: [], inFlight: undefined, lastFence: 0, lastSeq: 0 };

/** Several pull requests of one repository: what one writes the others read, and whoever is to be told is told. */
export class LockWorld {
  readonly pulls = new Map<number, CoreWorld>();
  readonly #files: readonly string[];
  readonly #config: string | undefined;
  readonly #waiting: { readonly number: number; readonly what: Happening }[] = [];
  readonly #merges: { readonly base: CommitSha; readonly files: readonly string[] }[] = [];
  readonly #placeOf = new Map<number, number>();
  readonly #rows = new Map<DirspaceKey, Rows>();
  #places = 0;
  #bases = 1;
  #heads = 100;
  /** What the next plan of a dirspace finds. */
  readonly finds = new Map<string, Outcome>();

  constructor(dirs: readonly string[], config?: string) {
    this.#files = dirs.map((dir) => `${dir}/main.tf`);
    this.#config = config;
  }

  get numbers(): readonly number[] {
    return [...this.pulls.keys()];
  }

  pull(number: number): CoreWorld {
    const world = this.pulls.get(number);
    if (world === undefined) throw new Error(`no pull request ${number}`);
    return world;
  }

  open(number: number, dirs: readonly string[], baseRef = "main"): readonly Reason[] {
    const world = new CoreWorld(this.#files, [], this.#config);
    world.changes = changesOf(dirs);
    this.#heads += 1;
    const headSha = sha(this.#heads);
    world.view = { ...world.view, number, baseRef, headSha, baseSha: sha(this.#bases) };
    const { pullRequest } = world.snapshot;
    const id = `pr-${number}` as typeof pullRequest.id;
    world.snapshot = { ...world.snapshot, pullRequest: { ...pullRequest, id, number } };
    this.pulls.set(number, world);
    this.#shareBases();
    this.#seed(number, dirs);
    return this.happens(number, { kind: "pull_request_changed", hint: "opened" });
  }

  push(number: number, dirs: readonly string[]): readonly Reason[] {
    const world = this.pull(number);
    world.changes = changesOf(dirs);
    this.#heads += 1;
    world.view = { ...world.view, headSha: sha(this.#heads) };
    this.#seed(number, dirs);
    return this.happens(number, { kind: "pull_request_changed", hint: "pushed" });
  }

  close(number: number): readonly Reason[] {
    const world = this.pull(number);
    world.view = { ...world.view, state: "closed" };
    return this.happens(number, { kind: "pull_request_changed", hint: "closed" });
  }

  /** Its files are in the base of everybody from here on. */
  merge(number: number): readonly Reason[] {
    const world = this.pull(number);
    this.#bases += 1;
    const base = sha(this.#bases);
    const files = world.changes.map((one) => (one.kind === "renamed" ? one.to : one.path));
    this.#merges.push({ base, files });
    world.view = { ...world.view, state: "merged", mergeSha: base };
    for (const other of this.pulls.values()) {
      if (other.view.baseRef === world.view.baseRef) other.view = { ...other.view, baseSha: base };
    }
    this.#shareBases();
    const reasons = this.happens(number, { kind: "pull_request_changed", hint: "merged" });
    for (const other of this.numbers) {
      if (other !== number) this.happens(other, { kind: "base_moved", after: base });
    }
    return reasons;
  }

  says(number: number, text: string, login = "bob"): readonly Reason[] {
    return this.happens(number, {
      kind: "command_given",
      actor: person(login),
      text,
      via: "api",
    });
  }

  /** Asks for an apply and lets the runner do what was permitted. */
  apply(number: number, query = "", outcome: "applied" | "failed" = "applied"): readonly Reason[] {
    const reasons = this.says(number, `terrane apply ${query}`.trim());
    this.finishApplies(number, outcome);
    return reasons;
  }

  /** Takes the grants of everything that waits for one; those that were refused end unapplied. */
  finishApplies(number: number, outcome: "applied" | "failed" = "applied"): void {
    const world = this.pull(number);
    while (this.isApplying(number)) {
      for (const { dirspace } of world.activeRun("apply").works) {
        if (world.state(dirspace).apply?.state !== "queued") continue;
        if (this.grant(number, dirspace).kind === "granted") this.ends(number, dirspace, outcome);
      }
      world.ends(world.activeRun("apply").id);
      this.#after(number);
      this.#settle();
    }
  }

  /** As the store does it: decided on what is there now, with the dirspace's row held. */
  grant(number: number, dirspace: DirspaceKey): GrantDecision {
    const world = this.pull(number);
    const { id } = world.activeRun("apply");
    const digest = world.state(dirspace).plan?.planDigest ?? "";
    const request = { runId: id, unit: dirspace, digest, view: world.view };
    const decided = decideGrant(world.snapshot, request);
    if (decided.kind === "granted") {
      world.grantWork(dirspace);
      this.#share(number);
    }
    return decided;
  }

  ends(number: number, dirspace: DirspaceKey, outcome: "applied" | "failed"): void {
    this.pull(number).endWork(dirspace, outcome);
    this.#share(number);
  }

  isApplying(number: number): boolean {
    return this.pull(number).snapshot.runs.some(
      (run) => run.kind === "apply" && run.state !== "ended",
    );
  }

  happens(number: number, what: Happening): readonly Reason[] {
    const reasons = this.#decide(number, what);
    this.#settle();
    return reasons;
  }

  /** Who owns what, as `a: 1 2, b: 1`; the first has the lower place. */
  owners(): string {
    const all = new Map<string, readonly number[]>();
    for (const world of this.pulls.values()) {
      for (const { dirspace, locks } of world.snapshot.dirspaces) {
        const sorted = [...locks].sort((a, b) => a.place - b.place);
        if (sorted.length > 0)
          all.set(
            dirspace.dir,
            sorted.map((lock) => lock.pullRequest),
          );
      }
    }
    const lines = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
    return lines.map(([dir, numbers]) => `${dir}: ${numbers.join(" ")}`).join(", ");
  }

  /** Who waits, first come first; `!` after those whose turn it is. */
  queue(): string {
    const waits = [...this.pulls.values()].flatMap(({ snapshot: { pullRequest } }) =>
      pullRequest.wait === undefined ? [] : [{ ...pullRequest.wait, number: pullRequest.number }],
    );
    return waits
      .sort((a, b) => a.place - b.place)
      .map(({ number, turnSince }) => `${number}${turnSince === undefined ? "" : "!"}`)
      .join(" ");
  }

  /** Once everything has been told and planned. */
  #settle(): void {
    for (let round = 0; round < 1_000; round++) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#decide(next.number, next.what);
        continue;
      }
      const planning = this.numbers.find((number) =>
        this.pull(number).snapshot.runs.some((run) => run.kind === "plan" && run.state !== "ended"),
      );
      if (planning === undefined) return;
      const world = this.pull(planning);
      const { works } = world.activeRun("plan");
      const outcomes = works.map(
        ({ dirspace }) => [dirspace, this.finds.get(dirspace) ?? "changed"] as const,
      );
      world.runnerPlans(Object.fromEntries(outcomes));
      this.#after(planning);
    }
    throw new Error("the pull requests never came to rest");
  }

  #decide(number: number, what: Happening): readonly Reason[] {
    const reasons = this.pull(number).happens(what);
    this.#after(number);
    return reasons;
  }

  #after(number: number): void {
    this.#givePlace(number);
    this.#share(number);
    for (const effect of this.pull(number).last?.effects ?? []) this.#perform(number, effect);
  }

  #perform(number: number, effect: Effect): void {
    if (effect.kind === "forward_command" && this.pulls.has(effect.number)) {
      const { actor, text } = effect;
      this.#waiting.push({
        number: effect.number,
        what: { kind: "command_given", actor, text, via: "api" },
      });
    }
    if (effect.kind !== "tell_neighbours") return;
    for (const [other, world] of this.pulls) {
      const shares = world.snapshot.dirspaces.some(({ key }) => effect.dirspaces.includes(key));
      if (other === number || !shares || isHistory(world.snapshot)) continue;
      const what = { kind: "neighbour_changed", number, because: effect.because } as const;
      this.#waiting.push({ number: other, what });
    }
  }

  /** What the database takes from a sequence. */
  #givePlace(number: number): void {
    const world = this.pull(number);
    const { snapshot } = world;
    const before = this.#placeOf.get(number);
    const after = placeOf(snapshot);
    if (after === undefined) this.#placeOf.delete(number);
    if (after === before || after === undefined) return;
    this.#places += 1;
    const place = this.#places;
    this.#placeOf.set(number, place);
    const { wait } = snapshot.pullRequest;
    const given = <T extends LockRecord | WaitRecord>(one: T): T =>
      one.pullRequest === number ? { ...one, place } : one;
    world.snapshot = {
      ...snapshot,
      pullRequest: { ...snapshot.pullRequest, wait: wait && { ...wait, place } },
      dirspaces: snapshot.dirspaces.map((state) => ({
        ...state,
        locks: state.locks.map(given),
        waits: state.waits.map(given).sort((a, b) => a.place - b.place),
      })),
    };
  }

  /** The rows of a dirspace are the same for all. */
  #share(number: number): void {
    for (const { key, locks, waits, inFlight, lastFence, lastSeq } of this.pull(number).snapshot
      .dirspaces) {
      this.#rows.set(key, { locks, waits, inFlight, lastFence, lastSeq });
    }
    for (const world of this.pulls.values()) {
      const dirspaces = world.snapshot.dirspaces.map((state) => ({
        ...state,
        ...this.#rows.get(state.key),
      }));
      world.snapshot = { ...world.snapshot, dirspaces };
    }
  }

  /** What the pull request will find: rows that others made. */
  #seed(number: number, dirs: readonly string[]): void {
    const world = this.pull(number);
    const known = new Set(world.snapshot.dirspaces.map(({ key }) => key));
    const added = dirs.flatMap((dir): readonly DirspaceState[] => {
      const dirspace = { dir, workspace: "default" } as Dirspace;
      const key = dirspaceKey(dirspace);
      if (known.has(key)) return [];
      const rows = this.#rows.get(key) ?? NO_ROWS;
      const nothing = { affected: undefined, plan: undefined, apply: undefined, granted: false };
      return [{ key, dirspace, ...nothing, ...rows }];
    });
    const dirspaces = [...world.snapshot.dirspaces, ...added];
    dirspaces.sort((a, b) => (a.key < b.key ? -1 : 1));
    world.snapshot = { ...world.snapshot, dirspaces };
  }

  #shareBases(): void {
    const bases = [sha(1), ...this.#merges.map(({ base }) => base)];
    for (const [from, before] of bases.entries()) {
      for (const [to, after] of bases.entries()) {
        if (to <= from) continue;
        const paths = this.#merges.slice(from, to).flatMap(({ files }) => files);
        const changes = [...new Set(paths)].map((path) => ({ kind: "modified", path }) as const);
        for (const world of this.pulls.values())
          world.baseChanges.set(`${before}..${after}`, changes);
      }
    }
  }

  /** What a pull request has to do with, for checks. */
  claims(number: number): readonly DirspaceState[] {
    return claimOf(this.pull(number).snapshot);
  }
}

function changesOf(dirs: readonly string[]): readonly FileChange[] {
  return dirs.map((dir) => ({ kind: "modified", path: `${dir}/main.tf` }));
}
