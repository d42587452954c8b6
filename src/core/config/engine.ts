import type { Json } from "./json.ts";

/** Which tool plans and applies. Absent options mean the runner's own default. */
export type Engine =
  | TerraformEngine
  | TerragruntEngine
  | CdktfEngine
  | StategraphEngine
  | PulumiEngine
  | FlyEngine
  | CustomEngine;

interface Common {
  /** Replaces the binary. */
  readonly overrideTfCmd?: string;
  /** Show outputs after an apply. */
  readonly collectOutputs: boolean;
}

export interface TerraformEngine extends Common {
  readonly name: "terraform" | "tofu";
  readonly version?: string;
}

export interface TerragruntEngine extends Common {
  readonly name: "terragrunt";
  readonly version?: string;
  readonly tfCmd: string;
  readonly tfVersion?: string;
}

export interface CdktfEngine extends Common {
  readonly name: "cdktf";
  readonly tfCmd: string;
  readonly tfVersion: string;
}

export interface StategraphEngine extends Common {
  readonly name: "stategraph";
  readonly version?: string;
  readonly tfCmd: string;
  readonly tfVersion?: string;
}

export interface PulumiEngine {
  readonly name: "pulumi";
}

export interface FlyEngine {
  readonly name: "fly";
  readonly configFile: string;
}

export interface CustomEngine {
  readonly name: "custom";
  readonly init?: Command;
  readonly plan?: Command;
  readonly diff?: Command;
  readonly apply?: Command;
  readonly unsafeApply?: Command;
  readonly outputs?: Command;
}

/** An argument vector, never a shell line. */
export type Command = readonly string[];

export type RunsOn = Json;
