import type { BenchServer } from "./server.ts";

export interface BenchContext {
  /** Fewer and shorter runs: shows that it works, not how fast it is. */
  readonly quick: boolean;
  /** Progress, for whoever watches. */
  say(text: string): void;
  /** The PostgreSQL of this run; started when the first benchmark asks for it. */
  server(): Promise<BenchServer>;
}

/** Measures one thing together with what it is compared with; the result goes into the JSON as it is. */
export type Benchmark = (context: BenchContext) => Promise<object>;
