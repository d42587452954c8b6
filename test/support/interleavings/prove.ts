import pg from "pg";
import { JOB_CAPS } from "../../../src/core/schedule/caps.ts";
import { reportStore } from "../../../src/store/engine/reported.ts";
import { engineStore } from "../../../src/store/engine/store.ts";
import { runnerStore } from "../../../src/store/runner/store.ts";
import type { TestDatabase } from "../database.ts";
import { Actor } from "./actor.ts";
import { readCatalogue } from "./catalogue.ts";
import { explore } from "./explore.ts";
import { brokenInvariants, digestOfState } from "./invariants.ts";
import { type Choice, type Ran, runSchedule, type Who } from "./schedule.ts";
import { type Copies, openCopies, openRestorer } from "./snapshot.ts";
import {
  buildStage,
  countedIds,
  type Level,
  ownedNames,
  rank,
  type Stage,
  type Subject,
} from "./stage.ts";
import type { TransactionType } from "./transaction-type.ts";

export interface Violation {
  readonly pair: string;
  readonly what: string;
  /** Who took which statement, in order. */
  readonly schedule: readonly string[];
  /** Rows that the nearest serial order does not leave (`+`), or leaves otherwise (`-`). */
  readonly difference: readonly string[];
}

export interface PairProof {
  readonly pair: string;
  readonly schedules: number;
  readonly cut: number;
  /** Different outcomes that were seen. */
  readonly outcomes: number;
  readonly violations: readonly Violation[];
}

export interface Pair {
  readonly types: readonly [TransactionType, TransactionType];
  /** Both about one pull request, or each about its own on the same dirspaces. */
  readonly about: "one" | "two";
}

/** Every pair of types, each with itself as well, about one pull request and about two. */
export function pairsOf(types: readonly TransactionType[]): readonly Pair[] {
  return types.flatMap((one, at) =>
    types.slice(at).flatMap((other): Pair[] => {
      // Whose pull request is which does not matter, and fewer combinations of levels have to be built.
      const both = rank(one.level) <= rank(other.level) ? [one, other] : [other, one];
      const pair = both as [TransactionType, TransactionType];
      return [
        { types: pair, about: "one" },
        { types: pair, about: "two" },
      ];
    }),
  );
}

export function nameOf({ types: [first, second], about }: Pair): string {
  return `${first.name} × ${second.name} (${about})`;
}

const SCHEDULES_MAX = 20_000;
/** Each has a database and connections of its own. */
const SETTINGS_MAX = 4;
const SHOWN_MAX = 3;

export interface Laboratory {
  prove(pair: Pair, options?: { readonly all?: boolean }): Promise<PairProof>;
  close(): Promise<void>;
}

/** A stage with its two actors; what pairs change of it is put back. */
interface Setting {
  readonly stage: Stage;
  readonly actors: readonly [Actor, Actor];
  readonly probe: pg.Client;
  /** As it was built. */
  readonly built: Copies;
  /** As it is when the two begin. */
  readonly saved: Copies;
  close(): Promise<void>;
}

/**
 * Proves pairs; each combination of levels has a database of its own, a copy of a migrated and empty one. Pairs of one
 * combination after each other cost least: few are kept.
 */
export function openLaboratory(createDatabase: () => Promise<TestDatabase>): Laboratory {
  const settings = new Map<string, Promise<Setting>>();
  return {
    async prove(pair, { all = false } = {}) {
      const levels = levelsOf(pair);
      const key = levels.join(" ");
      const setting = settings.get(key) ?? openSetting(levels, createDatabase);
      settings.delete(key);
      settings.set(key, setting);
      const [[longest, idle] = []] = settings;
      if (settings.size > SETTINGS_MAX && longest !== undefined) {
        settings.delete(longest);
        await (await idle)?.close();
      }
      return provePair(pair, await setting, all);
    },
    async close() {
      for (const setting of settings.values()) await (await setting).close();
    },
  };
}

async function openSetting(
  levels: readonly Level[],
  createDatabase: () => Promise<TestDatabase>,
): Promise<Setting> {
  const database = await createDatabase();
  const stage = await buildStage(database, levels);
  const probe = new pg.Client({ connectionString: database.url });
  probe.on("error", () => undefined);
  await probe.connect();
  const restorer = await openRestorer(database.url);
  const catalogue = await readCatalogue(probe);
  const built = await openCopies(restorer, "built", catalogue);
  await built.take();
  const actors = [
    await Actor.connect(database.url, catalogue),
    await Actor.connect(database.url, catalogue),
  ] as const;
  return {
    stage,
    actors,
    probe,
    built,
    saved: await openCopies(restorer, "saved", catalogue),
    async close() {
      for (const actor of actors) await actor.database.close();
      await probe.end();
      await restorer.end();
      await stage.lab.close();
    },
  };
}

/** How far the pull requests of the pair have to be; pairs with the same share a database. */
export function levelsOf({ types: [first, second], about }: Pair): readonly Level[] {
  if (about === "two") return [first.level, second.level];
  return [rank(first.level) > rank(second.level) ? first.level : second.level];
}

async function prepare({ types }: Pair, { stage, built, saved }: Setting): Promise<void> {
  await built.restore();
  stage.reset();
  const subjects = subjectsOf(stage);
  for (const who of [0, 1] as const) await types[who].prepare?.(stage.lab, subjects[who]);
  await saved.take();
}

function subjectsOf({ subjects }: Stage): readonly [Subject, Subject] {
  const [one, other = one] = subjects;
  if (one === undefined || other === undefined) throw new Error("the stage is empty");
  return [one, other];
}

async function provePair(pair: Pair, setting: Setting, all: boolean): Promise<PairProof> {
  const { stage, probe, saved } = setting;
  await prepare(pair, setting);
  const owned = await ownedNames(stage.lab);
  const known = new Set(owned.map(({ needle }) => needle));
  const name = nameOf(pair);
  const violations: Violation[] = [];
  const outcomes = new Set<string>();
  const serial = new Set<string>();
  let dirty: ReadonlySet<string> = new Set();

  async function once(choose: (choice: Choice) => Who | undefined): Promise<Ran> {
    await saved.restore(dirty);
    dirty = new Set();
    await begin(pair, setting, owned);
    const ran = await runSchedule(setting.actors, probe, choose);
    if (ran.complete) for (const type of pair.types) await type.again?.(stage.lab.ports);
    dirty = new Set(ran.taken.flatMap(({ step }) => [...step.footprint.publishes]));
    return ran;
  }

  async function judge(ran: Ran): Promise<string> {
    const what = await brokenInvariants(probe);
    const found = [
      ...what,
      ...(ran.deadlock ? ["a deadlock: rows are taken in different orders"] : []),
      ...setting.actors.flatMap(({ outcome }) =>
        outcome?.kind === "threw" ? [`it threw: ${String(outcome.error)}`] : [],
      ),
    ];
    note(found, ran);
    return `${said(setting.actors)}\n${await digestOfState(probe, known)}`;
  }

  function note(found: readonly string[], ran: Ran, difference: readonly string[] = []): void {
    for (const one of found) {
      if (violations.filter((known) => known.what === one).length >= SHOWN_MAX) continue;
      violations.push({ pair: name, what: one, schedule: shown(ran), difference });
    }
  }

  for (const first of [0, 1] as const) {
    const order = serially(first);
    serial.add(await judge(await once(order)));
  }
  const explored = await explore(
    async (choose) => {
      const ran = await once(choose);
      if (!ran.complete) return ran;
      const outcome = await judge(ran);
      outcomes.add(outcome);
      if (!serial.has(outcome))
        note(["no serial order ends like this"], ran, differences(serial, outcome));
      return ran;
    },
    { all, schedulesMax: SCHEDULES_MAX },
  );
  return { pair: name, ...explored, outcomes: outcomes.size, violations };
}

async function begin(
  pair: Pair,
  { stage, actors }: Setting,
  owned: Awaited<ReturnType<typeof ownedNames>>,
): Promise<void> {
  const subjects = subjectsOf(stage);
  for (const who of [0, 1] as const) {
    const ids = countedIds(who + 1);
    const { database } = actors[who];
    const ports = {
      ...stage.lab.ports,
      store: { ...engineStore(database, ids), ...reportStore(database, JOB_CAPS) },
      runners: runnerStore(database),
      random: { ...stage.lab.ports.random, uuid: ids },
    };
    await actors[who].start(() => pair.types[who].act(ports, subjects[who], ids, database), owned);
  }
}

function serially(first: Who): (choice: Choice) => Who | undefined {
  const second = first === 0 ? 1 : 0;
  return ({ enabled }) => (enabled.has(first) ? first : enabled.has(second) ? second : undefined);
}

function said(actors: readonly Actor[]): string {
  return actors
    .map(({ outcome }) =>
      outcome?.kind === "returned" ? JSON.stringify(outcome.value) : String(outcome?.error),
    )
    .join(" | ");
}

function shown(ran: Ran): readonly string[] {
  return ran.taken.map(({ who, step, blocked }) => {
    const sql = step.sql.replaceAll(/\s+/g, " ").trim().slice(0, 90);
    return `${who === 0 ? "A" : "B"} ${blocked ? "waits " : ""}${sql}`;
  });
}

function differences(serial: ReadonlySet<string>, outcome: string): readonly string[] {
  const rows = outcome.split("\n");
  const all = [...serial].map((one) => {
    const others = one.split("\n");
    return [
      ...rows.filter((row) => !others.includes(row)).map((row) => `+ ${row}`),
      ...others.filter((row) => !rows.includes(row)).map((row) => `- ${row}`),
    ];
  });
  return all.sort((a, b) => a.length - b.length)[0] ?? [];
}
