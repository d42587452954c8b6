import type { MemoryStore } from "../memory-store/store.ts";

/** Looks that found nothing to do, after which a history is over. */
const IDLE_LOOKS = 1;
const IDLE_LOOKS_OF_LINGERING = 3;

/** What is looked at: the whole simulated world has it. */
export interface LookedAt {
  readonly memory: MemoryStore;
  readonly sim: { readonly now: number };
  /** How often somebody has compared what the store has with what the forge has. */
  readonly forge: { readonly listed: number };
  readonly scenario: { readonly size: { readonly lingers: boolean } };
}

/** Counts how often everything was compared with the forge since the last news, which is what the end of a history waits for. */
export class Looks {
  readonly #world: LookedAt;
  #news = 0;
  #lastNews = 0;
  /** How often it had been listed when the last news came. */
  #listed = 0;
  /** Of the looks since then the ones that began after the news: what is read of the store comes first, and the forge answers later. */
  #looks = 0;
  #lookedAt = 0;

  constructor(world: LookedAt) {
    this.#world = world;
  }

  /** When the last news came, in simulated milliseconds. */
  get lastNews(): number {
    return this.#lastNews;
  }

  /** To be called at every step. */
  note(): void {
    const { memory, sim } = this.#world;
    // A look at a pull request of which something waits to be decided, or to be set aside, leaves it out.
    const { events, decisions, eventsAside, repositories } = memory.tables;
    const news = events.size + decisions.size + eventsAside.count("aside");
    if (news !== this.#news) {
      this.#lastNews = sim.now;
      this.#looks = 0;
      this.startOver();
    }
    this.#news = news;
    for (const { lookedAt = 0 } of repositories.values()) {
      if (lookedAt <= Math.max(this.#lookedAt, this.#lastNews)) continue;
      this.#lookedAt = lookedAt;
      this.#looks += 1;
    }
  }

  /** What was listed until now does not count. */
  startOver(): void {
    this.#listed = this.#world.forge.listed;
  }

  /** The whole upkeep of some server has compared everything since the last news, and found nothing. */
  foundNothing(): boolean {
    const { memory, forge, scenario } = this.#world;
    if (memory.tables.repositories.size === 0) return true;
    const looks = Math.min(this.#looks, forge.listed - this.#listed);
    return looks >= (scenario.size.lingers ? IDLE_LOOKS_OF_LINGERING : IDLE_LOOKS);
  }
}
