import { readFileSync } from "node:fs";
import * as z from "zod";

const ours = z.object({
  /** In a process that never did it before. */
  firstMs: z.number(),
  /** Of that, reading the configuration, once it is warm. */
  configMs: z.number(),
  coldMs: z.array(z.number()),
  warmMs: z.array(z.number()),
  /** What never matches and what is dangerous, looked for once. */
  findingsMs: z.number(),
  /** Looking every directory above every changed file up in a map, and nothing else. */
  boundMs: z.array(z.number()),
  /** Directory and position of the workflow, sorted. */
  found: z.array(z.string()),
  /** Peaks of the process: before and after the input, after the first evaluation and the warm ones, and at the end. */
  idleRssMb: z.number(),
  inputRssMb: z.number(),
  peakRssMb: z.number(),
  lastRssMb: z.number(),
});

const naive = z.object({
  compileMs: z.number(),
  matchMs: z.number(),
  found: z.array(z.string()),
  peakRssMb: z.number(),
});

export const childOutput = { ours, naive };
export type OurOutput = z.infer<typeof ours>;
export type NaiveOutput = z.infer<typeof naive>;

const inputSchema = z.object({
  tree: z.string(),
  config: z.string(),
  changed: z.array(z.string()),
  dirs: z.array(z.string()),
  runs: z.number(),
});

export type ChildInput = z.infer<typeof inputSchema>;

export function readInput(): ChildInput {
  return inputSchema.parse(JSON.parse(readFileSync(0, "utf8")));
}

/** The operating system's own account of this process. */
export function peakRssMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
