import { canonicalJson } from "../../../src/base/canonical-json.ts";
import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { Decision } from "../../../src/core/decision.ts";
import type { PullRequestId } from "../../../src/core/ids.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import type { EngineStore, Turn, TurnTaken } from "../../../src/ports/engine-store.ts";
import { Difference } from "./dump.ts";
import { byText, plain } from "./plain.ts";

type Outcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: unknown };

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** A store that asks both stores everything and throws where their answers differ. */
export function twinOf<S extends object>(memory: S, sql: S): S {
  return new Proxy(memory, {
    get(_, name) {
      const ours = Reflect.get(memory, name) as Method;
      const theirs = Reflect.get(sql, name) as Method;
      return async (...args: readonly unknown[]) => {
        const left = await outcome(() => ours(...args));
        const right = await outcome(() => theirs(...args));
        compareOutcomes(`${String(name)}(${shown(args)})`, left, right);
        if (left.kind === "error") throw left.error;
        return left.value;
      };
    },
  });
}

async function outcome(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { kind: "value", value: await call() };
  } catch (error) {
    if (error instanceof Difference) throw error;
    return { kind: "error", error };
  }
}

function compareOutcomes(what: string, left: Outcome, right: Outcome): void {
  const [ours, theirs] = [said(left), said(right)];
  if (ours === theirs) return;
  const detail = right.kind === "error" ? `${theirs}: ${String(right.error)}` : theirs;
  const ourDetail = left.kind === "error" ? `${ours}: ${String(left.error)}` : ours;
  const at = firstDifference(ourDetail, detail);
  throw new Difference(what, ourDetail.slice(at), detail.slice(at));
}

/** Answers may be long: they are shown from a little before the place where they part. */
function firstDifference(ours: string, theirs: string): number {
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at += 1;
  return Math.max(0, at - SHOWN_BEFORE);
}

const SHOWN_BEFORE = 100;

/** Of an error only that it was one: each store has words of its own. */
function said(one: Outcome): string {
  if (one.kind === "error") return "an error";
  // The order of open attempts is nobody's business: each is looked at by itself.
  const value = plain(one.value);
  return shown(Array.isArray(value) ? value.map(sortedLists).toSorted(byText) : value);
}

/** Nor is that of the pull requests of a repository. */
function sortedLists(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => [
      key,
      Array.isArray(member) ? member.toSorted(byText) : member,
    ]),
  );
}

function shown(value: unknown): string {
  return canonicalJson({ value: plain(value) });
}

/** What was done with a turn, to be done again with the other store's. */
type Act =
  | { readonly kind: "hold"; readonly dirspaces: readonly DirspaceKey[]; readonly read: Snapshot }
  | { readonly kind: "save"; readonly snapshot: Snapshot; readonly decision: Decision };

/** Decides once, in the turn of the first store, and has the second one store the same decision. */
export function twinTurns(memory: EngineStore, sql: EngineStore): EngineStore["takeTurn"] {
  return async <T>(id: PullRequestId, use: (turn: Turn) => Promise<T>): Promise<TurnTaken<T>> => {
    const acts: Act[] = [];
    let opened: Turn | undefined;
    let body: Outcome = { kind: "value", value: undefined };
    const left = await outcome(() =>
      memory.takeTurn(id, async (turn) => {
        opened = turn;
        body = await outcome(() => use(recorded(turn, acts)));
        if (body.kind === "error") throw body.error;
        return body.value;
      }),
    );
    const right = await outcome(() =>
      sql.takeTurn(id, async (turn) => {
        compareTurns(opened, turn);
        await repeat(turn, acts);
        if (body.kind === "error") throw body.error;
        return body.value;
      }),
    );
    compareOutcomes(`takeTurn(${id})`, left, right);
    if (left.kind === "error") throw left.error;
    return left.value as TurnTaken<T>;
  };
}

function recorded(turn: Turn, acts: Act[]): Turn {
  return {
    ...turn,
    async hold(dirspaces) {
      const read = await turn.hold(dirspaces);
      acts.push({ kind: "hold", dirspaces, read });
      return read;
    },
    async save(snapshot, decision) {
      acts.push({ kind: "save", snapshot, decision });
      await turn.save(snapshot, decision);
    },
  };
}

async function repeat(turn: Turn, acts: readonly Act[]): Promise<void> {
  for (const act of acts) {
    if (act.kind === "hold") {
      const read = await turn.hold(act.dirspaces);
      compareValues(`hold(${act.dirspaces.join(", ")})`, act.read, read);
    } else {
      await turn.save(act.snapshot, act.decision);
    }
  }
}

function compareTurns(ours: Turn | undefined, theirs: Turn): void {
  if (ours === undefined) throw new Difference("takeTurn", "idle", "a turn");
  for (const part of ["pullRequest", "event", "facts", "snapshot"] as const) {
    compareValues(`the turn's ${part}`, ours[part], theirs[part]);
  }
}

function compareValues(what: string, ours: unknown, theirs: unknown): void {
  const [left, right] = [shown(ours), shown(theirs)];
  if (left !== right) throw new Difference(what, left, right);
}
