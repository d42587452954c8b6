import type { Command } from "./engine.ts";

/** Where plan files wait between plan and apply. */
export type PlanStorage =
  /** On the server, sealed. */
  | { readonly method: "server" }
  | {
      readonly method: "cmd";
      readonly store: Command;
      readonly fetch: Command;
      readonly delete?: Command;
    }
  | {
      readonly method: "s3";
      readonly bucket: string;
      readonly region: string;
      readonly path?: string;
      /** Names of environment variables in braces, never a secret itself. */
      readonly accessKeyId?: string;
      readonly secretAccessKey?: string;
      readonly deleteUsedPlans: boolean;
      readonly storeExtraArgs: Command;
      readonly fetchExtraArgs: Command;
      readonly deleteExtraArgs: Command;
    };
