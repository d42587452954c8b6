import type { Instant } from "../../../src/base/brand.ts";
import { type Prng, prng } from "../../../src/base/prng.ts";
import type { AccountId, AttemptId, EventId, RunId } from "../../../src/core/ids.ts";
import type { Permission } from "../../../src/core/pull-request.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { createMemoryStore, type MemoryStore } from "../memory-store/store.ts";
import { Alarm } from "./alarm.ts";
import { Checker } from "./checker.ts";
import { type CiRun, CiSystem } from "./ci/jobs.ts";
import { SimCi } from "./ci/sim-ci.ts";
import { Deliveries } from "./deliveries.ts";
import { Eager } from "./eager.ts";
import { Faults } from "./faults.ts";
import { Ghost } from "./ghost.ts";
import { Link } from "./link.ts";
import { Looks } from "./looks.ts";
import { faultOf, type Operation } from "./operations.ts";
import { fairWeather, Outside } from "./outside.ts";
import { act, PEOPLE } from "./people.ts";
import { runJob } from "./runner/job.ts";
import type { Scenario } from "./scenario.ts";
import { newProcess, type Process, Scheduler } from "./scheduler.ts";
import { SimServer, uuid } from "./server.ts";
import { StorePort } from "./store-port.ts";
import { account, Forge } from "./vcs/forge.ts";
import { Outages } from "./vcs/outages.ts";
import { SimVcs } from "./vcs/sim-vcs.ts";
import { strike } from "./weather.ts";

const SECOND = 1_000;
/** Servers look after what nobody reports on about this often; in production more often, which finds the same. */
const TICK_MS = 45 * SECOND;
const TICK_MS_MAX = 300 * SECOND;
/** After the last fault the reconciler gets time to look at everything, and more where that led to something. */
const LOOK_MS = 660 * SECOND;
const LOOKS = 20;

/** Everything there is in one simulated history. */
export class World {
  readonly scenario: Scenario;
  readonly sim: Scheduler;
  readonly faults: Faults;
  readonly forge: Forge;
  readonly ghost = new Ghost();
  readonly ci: CiSystem;
  readonly memory: MemoryStore;
  readonly servers: readonly SimServer[];
  readonly deliveries: Deliveries;
  readonly links: Link[] = [];
  readonly weather = fairWeather();
  readonly database = { until: 0 };
  readonly checker: Checker;
  readonly startedAt: number;
  /** What each person might do, and since when. */
  readonly rights = new Map<AccountId, { readonly at: number; readonly right: Permission }[]>();
  /** Who claimed each attempt, as last seen. */
  readonly claims = new Map<AttemptId, string>();
  /** How each work and run ended, as first seen. */
  readonly ended = new Map<string, string>();
  readonly #alarm: Alarm;
  readonly #outages: Outages;
  readonly #rng: Prng;
  readonly #port: StorePort;
  readonly #balancer: Prng;
  readonly #ticking = new Set<SimServer>();
  readonly #looks: Looks;
  #ids = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.#rng = prng(scenario.seed);
    const fork = () => this.#rng.fork();
    this.sim = new Scheduler(fork());
    this.startedAt = this.sim.now;
    this.faults = new Faults(fork(), scenario.intensities);
    this.#balancer = fork();
    this.deliveries = new Deliveries({
      sim: this.sim,
      rng: fork(),
      faults: this.faults,
      personality: scenario.personality,
      link: this.#link(newProcess("forge")),
      nameNow: () => this.forge.fullName,
    });
    this.forge = new Forge(
      firstFiles(scenario),
      () => this.sim.now,
      (what) => this.deliveries.emit(what),
    );
    for (const [login, right] of Object.entries(PEOPLE)) {
      const { id } = account(login);
      this.forge.permissions.set(id, right);
      this.rightChanged(id, right);
    }
    for (const login of ["bob", "cara"]) this.forge.moveInOps(account(login).id, true);
    this.memory = createMemoryStore({
      clock: () => this.sim.now as Instant,
      newId: () => this.#newId() as EventId,
      rowId: () => this.#newId(),
      caps: scenario.caps,
    });
    this.#looks = new Looks(this);
    this.checker = new Checker(this);
    this.#port = new StorePort({
      sim: this.sim,
      rng: fork(),
      faults: this.faults,
      pace: scenario.pace,
      memory: this.memory,
      down: this.database,
      saving: (turn, snapshot, decision) => this.checker.decided(turn, snapshot, decision),
      crash: (process) => {
        const server = this.servers.find((one) => one.process === process);
        if (server !== undefined) this.crash(server, this.#balancer.below(60 * SECOND));
      },
    });
    this.ci = new CiSystem({
      sim: this.sim,
      rng: fork(),
      faults: this.faults,
      work: (job, machine) => this.#runner(job, machine),
      died: (job) => this.#machineDied(job),
      ended: (job) => this.deliveries.emit({ kind: "ci_ended", ciRun: job.id }),
    });
    this.#outages = new Outages({
      forge: this.forge,
      sim: this.sim,
      faults: this.faults,
      rng: prng(scenario.seed),
      dirs: scenario.size.dirs,
    });
    this.servers = scenario.servers.map((limits, at) => this.#server(`server-${at + 1}`, limits));
    const { sim, memory, servers, database: down } = this;
    this.#alarm = new Alarm({ sim, rng: fork(), memory, servers, down });
    const eager = new Eager(this, scenario.seed);
    this.forge.shown = (number) => eager.shown(number);
  }

  begin(): void {
    for (const operation of this.scenario.operations) {
      this.sim.after(operation.atMs, operation.kind, () => this.#do(operation));
    }
  }

  async step(): Promise<boolean> {
    this.#alarm.wind();
    this.#looks.note();
    if (this.#hasWork()) for (const server of this.servers) this.#tick(server);
    const more = await this.sim.step();
    this.checker.stepped();
    return more;
  }

  crash(server: SimServer, forMs: number): void {
    if (!server.alive) return;
    server.crash();
    this.sim.after(forMs, "restart", () => server.start());
  }

  /** In order: it takes nothing new, finishes what it has, and another one starts. */
  restart(server: SimServer): void {
    if (!server.alive) return;
    server.draining = true;
    this.sim.after(20 * SECOND, "drained", () => {
      server.crash();
      server.start();
    });
  }

  /** Somebody with a browser or the command line. */
  async api(name: string, act: (engine: Engine) => Promise<unknown>): Promise<void> {
    this.sim.current = undefined;
    await this.#link(newProcess("person")).try(name, act);
  }

  rightChanged(id: AccountId, right: Permission): void {
    const past = this.rights.get(id) ?? [];
    past.push({ at: this.sim.now, right });
    this.rights.set(id, past);
  }

  someJob(rng: Prng): CiRun | undefined {
    const jobs = [...this.ci.runs.values()].filter((one) => one.state !== "ended");
    return jobs.length === 0 ? undefined : rng.pick(jobs);
  }

  isApplied(number: number): boolean {
    const { headSha } = this.forge.pull(number);
    return this.ghost.applies.some(
      (one) => one.end === "applied" && one.plan?.number === number && one.plan.headSha === headSha,
    );
  }

  /** Faults stop, whoever is down comes back, and what was never heard is said again. */
  heal(): void {
    this.faults.heal();
    this.#looks.startOver();
    this.weather.downUntil = 0;
    this.weather.limitedUntil = 0;
    this.weather.writesLimitedUntil = 0;
    this.weather.suspendedUntil = 0;
    this.database.until = 0;
    for (const link of this.links) {
      link.toServerCutUntil = 0;
      link.toClientCutUntil = 0;
    }
    for (const server of this.servers) {
      server.process.pausedUntil = 0;
      server.start();
    }
    this.deliveries.recover();
    this.#look(LOOKS);
  }

  /** In production servers look after everything every few seconds, also where there seems to be nothing to do. */
  #look(left: number): void {
    this.sim.after(LOOK_MS, "look", () => {
      const { lingers } = this.scenario.size;
      for (const server of lingers ? this.servers : [this.#balancer.pick(this.servers)]) {
        this.#tick(server);
      }
      if (left > 1) this.#look(left - 1);
    });
  }

  /** Changes whenever the store, or what really happens, has changed. No rule is about the alarm clock's own queue. */
  get version(): number {
    const written = this.memory.writes() - this.memory.tables.jobs.writes;
    return written + this.ghost.changes + this.deliveries.acknowledged.size;
  }

  /** Nothing is left to do, nothing comes any more, and looking at everything finds nothing. */
  isQuiet(): boolean {
    if (!this.faults.healed || !this.#looks.foundNothing()) return false;
    if (this.servers.some((server) => !server.idle)) return false;
    if (this.#hasWork() || this.ci.busy || !this.deliveries.settled) return false;
    for (const { lockedAt } of this.memory.tables.jobs.values())
      if (lockedAt !== undefined) return false;
    return this.memory.jobs.nextAt() === undefined;
  }

  #do(operation: Operation): void {
    const fault = faultOf(operation.kind);
    if (fault !== undefined) this.faults.count(fault);
    act(this, operation);
    strike(this, operation);
  }

  /** The longer nothing has come from outside, the longer they wait: there is little to find, and it stays there. */
  #tick(server: SimServer): void {
    if (this.#ticking.has(server)) return;
    this.#ticking.add(server);
    const quiet = (this.sim.now - this.#looks.lastNews) / 4;
    const ms =
      Math.min(Math.max(TICK_MS, quiet), TICK_MS_MAX) * (0.5 + this.#balancer.below(100) / 100);
    this.sim.after(ms, "tick", () => {
      this.#ticking.delete(server);
      if (!server.open) return;
      void server
        .handle(
          "tick",
          (engine) => engine.tick(),
          () => {},
        )
        .catch(() => {});
    });
  }

  #hasWork(): boolean {
    const { eventsWaiting, outboxWaiting, openAttempts } = this.memory.tables;
    return (
      eventsWaiting.one("waiting") !== undefined ||
      outboxWaiting.one("waiting") !== undefined ||
      [...openAttempts.of("open")].some((attempt) => this.#mayStillCome(attempt))
    );
  }

  /** A run that ended while its job waited for its place has an attempt that nobody ever starts. */
  #mayStillCome({
    runId,
    triedAt,
  }: {
    readonly runId: RunId;
    readonly triedAt?: unknown;
  }): boolean {
    return triedAt !== undefined || this.memory.tables.runs.get(runId)?.state !== "ended";
  }

  #runner(job: CiRun, machine: Process): Promise<"success" | "failure"> {
    const { sim, faults, forge, ghost, scenario } = this;
    const link = this.#link(machine);
    return runJob({
      sim,
      rng: this.#rng.fork(),
      faults,
      forge,
      ghost,
      link,
      job,
      machine,
      theme: scenario.theme,
      kill: () => this.ci.kill(job, "failure", machine),
      mayNoMore: ({ id }) => this.#mayNoMore(id),
    });
  }

  #mayNoMore(id: AccountId): void {
    const right = this.forge.permissions.get(id) === "read" ? "write" : "read";
    this.forge.permissions.set(id, right);
    this.rightChanged(id, right);
  }

  #machineDied(job: CiRun): void {
    for (const apply of this.ghost.running) {
      if (apply.ciRun === job.id) this.ghost.finish(apply, "killed");
    }
  }

  #link(process: Process): Link {
    const { sim, faults, scenario } = this;
    const pick = () => {
      const open = this.servers.filter((one) => one.open);
      return open.length === 0 ? undefined : this.#balancer.pick(open);
    };
    const options = { sim, rng: this.#rng.fork(), faults, pace: scenario.pace, pick };
    const link = new Link(options, process);
    this.links.push(link);
    return link;
  }

  #server(name: string, limits: Scenario["servers"][number]): SimServer {
    const { sim, faults, scenario, weather } = this;
    const rng = this.#rng.fork();
    const outside = new Outside({
      sim,
      rng,
      faults,
      pace: scenario.pace,
      weather,
      limitTellsWhen: scenario.personality.limitTellsWhen,
      violated: (invariant, message) => this.checker.violated(invariant, message),
      inTransaction: () => this.#port.turnOpen,
    });
    return new SimServer({
      name,
      sim,
      rng,
      vcs: new SimVcs(this.forge, outside, scenario.personality, this.#outages),
      ci: new SimCi(this.ci, outside, scenario.personality, {
        chance: (probability) => rng.chance(probability),
        starts: (attempt, askedAt) => this.checker.starts({ attempt, askedAt }),
      }),
      stores: (process) => this.#port.for(process),
      limits: limits.engine,
      skewMs: limits.skewMs,
    });
  }

  /** Ids of the shape that the database makes. */
  #newId(): string {
    this.#ids += 1;
    const tail = this.#ids.toString(16).padStart(12, "0");
    return `${uuid(prng(this.#ids)).slice(0, 23)}-${tail}`;
  }
}

function firstFiles({ config, size }: Scenario): ReadonlyMap<string, string> {
  const files = new Map(size.dirs.map((dir) => [`${dir}/main.tf`, "code-0"]));
  files.set("README.md", "text-0");
  if (config.text !== undefined) files.set(".terrane/config.yml", config.text);
  return files;
}
