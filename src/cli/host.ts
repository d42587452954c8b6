import type { BuilderPlace, LocalBuilders } from "./local/local-builders.ts";
import type { LocalPlace, LocalRunner } from "./local/local-runner.ts";
import type { SetupOffer } from "./setup/offer.ts";

/** What the command line needs from the machine; given by `main`, so that commands can be tested as functions. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** Whether colours may be used. */
  readonly colour: boolean;
  readonly machine: Machine;
  startServer(options: ServerOptions): Promise<ServerHandle>;
  /** Makes stored decisions once more. */
  replay(options: ReplayOptions): Promise<ReplayReport>;
  /** What `terrane setup` offers. */
  readonly setup: SetupOffer;
  /** Works on a checkout without a server. */
  openLocal(place: LocalPlace): Promise<LocalRunner>;
  /** Runs the scripts of builders on a checkout. */
  openBuilders(place: BuilderPlace): Promise<LocalBuilders>;
  /** Whether a person sits at this terminal. */
  readonly interactive: boolean;
  /** One line from the person; undefined where the input ended. */
  ask(question: string): Promise<string | undefined>;
  /** Resolves when the person or the system asks us to stop. */
  untilStopped(): Promise<void>;
}

/** The files and the git of this machine, as far as the workbench needs them. */
export interface Machine {
  /** Absolute; relative paths are relative to it. */
  readonly cwd: string;
  readFile(path: string, bytesMax: number): Promise<FileRead>;
  /** Standard input, to its end. */
  readInput(bytesMax: number): Promise<FileRead>;
  /** The names of the files of a directory, sorted; none where there is no such directory. */
  listFiles(dir: string): Promise<readonly string[]>;
  writeFile(path: string, text: string): Promise<void>;
  /** Runs git without a shell in a directory; an absent status says that there is no git. */
  git(dir: string, args: readonly string[]): Promise<GitRan>;
}

export type FileRead =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "missing" }
  /** There is something, but no text that could be read; `message` goes on from its name. */
  | { readonly kind: "unreadable"; readonly message: string };

export interface GitRan {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServerOptions {
  readonly dataDir: string;
  /** Loopback unless it is said. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  readonly databaseUrl: string | undefined;
  readonly logLevel: string;
  /** Leaves the settings in the environment alone: they are about another server. */
  readonly ofItsOwn?: boolean;
}

export interface ReplayOptions {
  readonly dataDir: string;
  /** Undefined: the embedded database of the data directory. */
  readonly databaseUrl: string | undefined;
  readonly repository: string | undefined;
  readonly number: number | undefined;
  readonly since: Date | undefined;
  readonly limit: number;
}

/** What `terrane replay` prints with `--json`; the lists hold the first ones, the counts count all. */
export interface ReplayReport {
  readonly replayed: number;
  readonly same: number;
  readonly differences: number;
  readonly unreplayable: number;
  readonly different: readonly (ReplayedDecision & {
    readonly parts: readonly string[];
    readonly message: string;
  })[];
  readonly notReplayable: readonly (ReplayedDecision & { readonly because: string })[];
}

interface ReplayedDecision {
  readonly decision: string;
  readonly repository: string;
  readonly pullRequest: number;
  readonly at: string;
  readonly event: string;
}

export interface ServerHandle {
  readonly url: string;
  /** Opens every door of this server; also in the data directory. */
  readonly token: string;
  /** Settles, with the reason, when the server has to stop by itself. */
  readonly retired: Promise<string>;
  stop(): Promise<void>;
}

/** An error that is the caller's to mend: printed without a stack, with the next step. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly next: string | undefined;
  /** 2 where the command line itself is wrong. */
  readonly status: 1 | 2;

  constructor(message: string, next?: string, status: 1 | 2 = 1) {
    super(message);
    this.next = next;
    this.status = status;
  }
}
