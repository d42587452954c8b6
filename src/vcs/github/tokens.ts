/** GitHub's tokens live an hour; whoever begins a call with one has to be able to end it. */
const LIFE_MS = 55 * 60_000;

interface Minted {
  readonly at: number;
  readonly token: Promise<string>;
}

/** One token for each installation, minted once for all that need it at the same time. Of their length nothing is assumed. */
export class Tokens {
  readonly #now: () => number;
  readonly #mint: (installation: string) => Promise<string>;
  readonly #minted = new Map<string, Minted>();

  constructor(now: () => number, mint: (installation: string) => Promise<string>) {
    this.#now = now;
    this.#mint = mint;
  }

  /** `refresh`: the one of before was refused. */
  of(installation: string, refresh: boolean): Promise<string> {
    const known = this.#minted.get(installation);
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#now() - known.at;
    // A clock that steps back makes no token older than it is.
    if (known !== undefined && !refresh && age < LIFE_MS && age >= 0) return known.token;
    const minted = { at: this.#now(), token: this.#mint(installation) };
    this.#minted.set(installation, minted);
    minted.token.catch(() => {
      if (this.#minted.get(installation) === minted) this.#minted.delete(installation);
    });
    return minted.token;
  }
}
