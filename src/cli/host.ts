/** What the command line needs from the machine; given by `main`, so that commands can be tested as functions. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** Whether colours may be used. */
  readonly colour: boolean;
  startServer(options: ServerOptions): Promise<ServerHandle>;
  /** Resolves when the person or the system asks us to stop. */
  untilStopped(): Promise<void>;
}

export interface ServerOptions {
  readonly dataDir: string;
  /** 0: any free port. */
  readonly port: number;
  readonly databaseUrl: string | undefined;
  readonly logLevel: string;
}

export interface ServerHandle {
  readonly url: string;
  /** Opens every door of this server; also in the data directory. */
  readonly token: string;
  stop(): Promise<void>;
}

/** An error that is the caller's to mend: printed without a stack, with the next step. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly next: string | undefined;

  constructor(message: string, next?: string) {
    super(message);
    this.next = next;
  }
}
