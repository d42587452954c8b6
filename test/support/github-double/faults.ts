/** What to answer instead of the real thing. */
export interface Fault {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A string is sent as HTML, as GitHub's front door does when what is behind it fails. */
  readonly body: unknown;
  /** Do the work first, then answer with the fault: the caller cannot know that it worked. */
  readonly afterwards: boolean;
}

interface Planned {
  readonly fault: Fault;
  readonly operation: string | undefined;
  left: number;
}

/** Calls that wait for a test. */
export interface Hold {
  /** How many have come. */
  readonly waiting: () => number;
  release(): void;
}

/** Faults that tests ask for, by operation id, consumed in the order they were asked for. */
export class Faults {
  readonly #planned: Planned[] = [];
  readonly #holds = new Set<{
    readonly operation: string;
    readonly released: Promise<void>;
    waiting: number;
  }>();

  take(operation: string | undefined): Fault | undefined {
    const planned = this.#planned.find(
      (p) => p.left > 0 && (p.operation === undefined || p.operation === operation),
    );
    if (planned === undefined) return undefined;
    planned.left -= 1;
    return planned.fault;
  }

  plan(
    fault: Partial<Fault> & { readonly status: number },
    on: { operation?: string; times?: number } = {},
  ): void {
    this.#planned.push({
      fault: { headers: {}, body: { message: "Injected" }, afterwards: false, ...fault },
      operation: on.operation,
      left: on.times ?? 1,
    });
  }

  /** 502 with a page of HTML, as during an incident. */
  badGateway(on: { operation?: string; times?: number } = {}): void {
    this.plan({ status: 502, body: "<html><title>Unicorn!</title></html>" }, on);
  }

  /** The connection ended in the middle of the answer. */
  cutShort(on: { operation?: string; times?: number } = {}): void {
    const headers = { "content-type": "application/json; charset=utf-8" };
    this.plan({ status: 200, headers, body: '{"data":{"repository":{"pullReq' }, on);
  }

  /** Somebody locked the conversation of the pull request. */
  lockedConversation(): void {
    const body = { message: "Unable to create comment because issue is locked." };
    this.plan({ status: 403, body }, { operation: "issues/create-comment" });
  }

  /** Also for another try with a new token: GitHub Actions is switched off, or the repository can only be read. */
  refusesDispatch(status: 403 | 422, message: string): void {
    this.plan(
      { status, body: { message } },
      { operation: "actions/create-workflow-dispatch", times: 2 },
    );
  }

  /** The work is done and the answer is lost. */
  lostAnswer(on: { operation?: string; times?: number } = {}): void {
    this.plan({ status: 502, body: "<html><title>Unicorn!</title></html>", afterwards: true }, on);
  }

  /** Secondary rate limit: GitHub answers 403 or 429, with or without `retry-after`. */
  secondaryLimit(
    status: 403 | 429,
    retryAfterSeconds: number | undefined,
    on: { operation?: string; times?: number } = {},
  ): void {
    this.plan(
      {
        status,
        headers:
          retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) },
        body: {
          message:
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
          documentation_url: "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
        },
      },
      on,
    );
  }

  /** Primary rate limit: nothing left until `resetAt`. */
  primaryLimit(resetAt: Date, on: { operation?: string; times?: number } = {}): void {
    this.plan(
      {
        status: 403,
        headers: {
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(Math.floor(resetAt.getTime() / 1000)),
        },
        body: {
          message: "API rate limit exceeded for installation.",
          documentation_url: "https://docs.github.com",
        },
      },
      on,
    );
  }

  /** Calls of this operation get no answer until the returned function is called. */
  hold(operation: string): Hold {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = { operation, released, waiting: 0 };
    this.#holds.add(hold);
    return {
      waiting: () => hold.waiting,
      release: () => {
        this.#holds.delete(hold);
        release();
      },
    };
  }

  /** Resolves when nobody holds calls of this operation. */
  async free(operation: string | undefined): Promise<void> {
    for (const hold of this.#holds) {
      if (hold.operation !== operation) continue;
      hold.waiting += 1;
      await hold.released;
    }
  }

  clear(): void {
    this.#planned.length = 0;
  }
}
