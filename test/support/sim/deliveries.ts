import type { Prng } from "../../../src/base/prng.ts";
import type { VcsEvent, VcsHappening } from "../../../src/core/vcs-event.ts";
import type { Faults } from "./faults.ts";
import type { Link } from "./link.ts";
import type { Scheduler } from "./scheduler.ts";
import { DEFAULT_BRANCH, REPOSITORY } from "./vcs/forge.ts";
import type { Personality } from "./vcs/personality.ts";

const HOUR = 3_600_000;

interface Sent {
  readonly event: VcsEvent;
  /** Lost ones were never sent and are in no log of the forge. */
  state: "waiting" | "acknowledged" | "failed" | "lost";
}

export interface DeliveriesOptions {
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly faults: Faults;
  readonly personality: Personality;
  readonly link: Link;
  /** What the repository is called. */
  readonly nameNow: () => string;
}

/** Webhooks, sent once by the forge and never again by itself; its log knows which of them were answered. */
export class Deliveries {
  readonly log: Sent[] = [];
  readonly acknowledged = new Set<string>();
  /** Those of them that nobody has looked for yet. */
  readonly unchecked: string[] = [];
  count = 0;
  readonly #options: DeliveriesOptions;
  #failedInRow = 0;
  #disabledUntil = 0;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  emit(what: VcsHappening): void {
    const { sim, rng, faults } = this.#options;
    this.count += 1;
    const sent: Sent = { event: this.#event(`delivery-${this.count}`, what), state: "waiting" };
    this.log.push(sent);
    if (faults.strikes("F2", 0.1) || sim.now < this.#disabledUntil) {
      sent.state = "lost";
      return;
    }
    const copies = faults.strikes("F2", 0.15) ? 1 + rng.below(5) : 0;
    for (let copy = 0; copy <= copies; copy++) {
      const late = faults.strikes("F2", 0.1) ? rng.below(copy > 0 ? 2 * HOUR : HOUR / 2) : 0;
      const ms = late + rng.below(faults.isOn("F2") ? 8_000 : 500);
      sim.after(ms, "webhook", () => void this.#send(sent));
    }
  }

  /** Somebody who knows the secret sends what never happened (T7). */
  forge(what: VcsHappening): void {
    this.count += 1;
    const event = this.#event(`forged-${this.count}`, what);
    const sent: Sent = { event, state: "waiting" };
    this.log.push(sent);
    void this.#send(sent);
  }

  /**
   * What the forge's log knows comes once more (S21). What was never sent stays lost where the reconciler finds it by
   * itself: that a pull request is there, where its head is, and that it is over.
   */
  recover(): void {
    for (const sent of this.log) {
      if (sent.state === "acknowledged") continue;
      if (sent.state === "lost" && isFoundByLooking(sent.event.what)) {
        sent.state = "acknowledged";
        continue;
      }
      this.#options.sim.after(
        this.#options.rng.below(60_000),
        "redelivery",
        () => void this.#send(sent),
      );
    }
  }

  /** In how many deliveries of their own the forge, or whoever pretends to be it, told of a comment. */
  timesSent(commentId: string): number {
    return this.log.filter(
      ({ event }) => event.what.kind === "comment" && event.what.commentId === commentId,
    ).length;
  }

  get settled(): boolean {
    return this.log.every((sent) => sent.state === "acknowledged");
  }

  async #send(sent: Sent): Promise<void> {
    const { link, personality, sim } = this.#options;
    sim.current = undefined;
    const tried = await link.try("webhook", (engine) => engine.receive("sim", sent.event));
    if (tried.kind === "answer") {
      this.#failedInRow = 0;
      sent.state = "acknowledged";
      const { deliveryId, what } = sent.event;
      // News of a CI job is asked after, not stored.
      if (what.kind === "ci_ended") return;
      this.acknowledged.add(deliveryId);
      this.unchecked.push(deliveryId);
      return;
    }
    if (sent.state === "waiting") sent.state = "failed";
    this.#failedInRow += 1;
    const { disablesHookAfter } = personality;
    if (disablesHookAfter !== undefined && this.#failedInRow >= disablesHookAfter) {
      this.#disabledUntil = sim.now + personality.hookDisabledMs;
    }
    if (this.#options.faults.healed) {
      sim.after(30_000, "redelivery", () => void this.#send(sent));
    }
  }

  #event(deliveryId: string, what: VcsHappening): VcsEvent {
    const { installation, id } = REPOSITORY;
    const fullName = this.#options.nameNow();
    return {
      deliveryId,
      installation,
      repository: { id, fullName, defaultBranch: DEFAULT_BRANCH },
      what,
    };
  }
}

const FOUND: ReadonlySet<string> = new Set(["opened", "pushed", "closed", "reopened"]);

function isFoundByLooking(what: VcsHappening): boolean {
  return what.kind === "pull_request" && FOUND.has(what.action);
}
