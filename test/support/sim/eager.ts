import { type Prng, prng } from "../../../src/base/prng.ts";
import type { WorkRow } from "../memory-store/rows.ts";
import { approve } from "./people.ts";
import { account } from "./vcs/forge.ts";
import type { World } from "./world.ts";

/** Enough for two rounds of plan, approval, apply and merge; a history has to end. */
const DEEDS_MAX = 8;
const SECOND = 1_000;

/** People with the pull request open: as soon as its comment shows something new they do the sensible next thing. */
export class Eager {
  readonly #world: World;
  readonly #rng: Prng;
  readonly #done = new Map<number, number>();
  readonly #looking = new Set<number>();

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#rng = prng(seed);
  }

  /** The comment of a pull request was written. */
  shown(number: number): void {
    const { sim, faults, scenario } = this.#world;
    const done = this.#done.get(number) ?? 0;
    if (faults.healed || done >= DEEDS_MAX || this.#looking.has(number)) return;
    if (!this.#rng.chance(scenario.theme.eager)) return;
    this.#looking.add(number);
    sim.after(SECOND + this.#rng.below(20 * SECOND), "looks", () => {
      this.#looking.delete(number);
      if (!faults.healed && this.#act(number)) this.#done.set(number, done + 1);
    });
  }

  #act(number: number): boolean {
    const { forge, scenario } = this.#world;
    const rng = this.#rng;
    const pull = forge.pull(number);
    if (pull.state === "closed") {
      if (rng.chance(0.5)) forge.setState(number, "open");
      return true;
    }
    const works = this.#works(number);
    if (works.some(({ op, state }) => op === "apply" && BUSY.has(state))) return false;
    const wanted = pull.state === "open" && scenario.config.approvals > 0;
    // Not everybody waits for it.
    if (wanted && !this.#isApproved(number) && rng.chance(0.6)) {
      approve(this.#world, rng, number);
      // The last touch comes after the review, and nobody looks again.
      if (scenario.theme.rules === "reviews" && rng.chance(0.3)) this.#touchUp(number);
      return true;
    }
    const token = this.#openGate(number, works);
    if (token !== undefined && rng.chance(0.7)) {
      if (token === null) approve(this.#world, rng, number);
      else this.#say(number, `terrane gate approve ${token}`);
      // Heard first, and then the commit is another one.
      if (scenario.theme.rules === "gates" && rng.chance(0.3)) this.#touchUpLater(number);
      return true;
    }
    const latest = works.at(-1);
    if (latest === undefined || BUSY.has(latest.state)) return false;
    const isReady = works.some((one) => isToApply(one, works) && one.headSha === pull.headSha);
    if (isReady) this.#say(number, "terrane apply");
    else if (pull.state === "open" && this.#world.isApplied(number)) {
      if (rng.chance(0.5)) forge.merge(number);
    } else if (latest.state === "failed" || latest.stale !== undefined) {
      // Not everybody reads to the end.
      this.#say(number, rng.chance(0.4) ? "terrane apply" : "terrane plan");
    } else return false;
    return true;
  }

  /** A gate of what could be applied, at which nobody but the author has looked; null for one that wants a review. */
  #openGate(number: number, works: readonly WorkRow[]): string | null | undefined {
    const { ghost, forge } = this.#world;
    const { headSha, author } = forge.pull(number);
    const gates = works
      .filter((one) => isToApply(one, works) && one.headSha === headSha)
      .flatMap((one) => [
        ...(ghost.plans.get(one.planDigest ?? "")?.gates ?? []),
        ...(ghost.hookGates.get(one.runId) ?? []),
      ]);
    const passed = (text: string) =>
      forge.words.filter(
        (one) => one.number === number && one.text === text && one.by !== author.id,
      );
    return gates.find((gate) =>
      gate.token === null
        ? !this.#isApproved(number)
        : passed(`terrane gate approve ${gate.token}`).length < Math.max(1, gate.anyOfCount),
    )?.token;
  }

  #touchUpLater(number: number): void {
    const { sim, faults, forge } = this.#world;
    sim.after(60 * SECOND, "touches up", () => {
      if (!faults.healed && forge.pull(number).state === "open") this.#touchUp(number);
    });
  }

  #touchUp(number: number): void {
    const { forge, scenario } = this.#world;
    const file = `${this.#rng.pick(scenario.size.dirs)}/main.tf`;
    const { headSha } = forge.pull(number);
    forge.push(number, forge.commits.change(headSha, { [file]: forge.newId("code") }));
  }

  #say(number: number, text: string): void {
    this.#world.forge.say(number, account(this.#rng.pick(["ann", "bob", "cara"])), text);
  }

  #isApproved(number: number): boolean {
    const { reviews, headSha, author } = this.#world.forge.pull(number);
    return reviews.some(
      (one) =>
        one.verdict === "approved" && one.commit === headSha && one.reviewer.id !== author.id,
    );
  }

  /** In the order in which they were made. */
  #works(number: number): readonly WorkRow[] {
    const { works, pullRequests } = this.#world.memory.tables;
    const row = [...pullRequests.values()].find((one) => one.number === number);
    return [...works.values()].filter((one) => one.pullRequestId === row?.id);
  }
}

const BUSY: ReadonlySet<WorkRow["state"]> = new Set(["queued", "running", "granted", "unknown"]);

/** A plan with changes that nobody has tried to apply yet. */
function isToApply(plan: WorkRow, works: readonly WorkRow[]): boolean {
  if (plan.op !== "plan" || plan.state !== "planned" || plan.changed !== true) return false;
  return !works.some(
    (one) =>
      one.op === "apply" &&
      one.planDigest === plan.planDigest &&
      one.dirspaceId === plan.dirspaceId &&
      one.state !== "not_started",
  );
}
