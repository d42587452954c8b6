import type { DirspaceKey } from "../change/dirspace.ts";

/** What is said of approvals that steps and hooks asked for. */
export type GateReason =
  /** A step of the plan asked for approvals; without a token, reviews of this commit count. */
  | {
      readonly code: "gate_open";
      readonly dirspaces: readonly DirspaceKey[];
      readonly token: string | null;
      readonly name: string | null;
      readonly have: readonly string[];
      readonly need: number;
      readonly missing: readonly string[];
      readonly unreadable: readonly string[];
    }
  /** The job has not said yet, or died before it could say, which approvals its hooks ask for. */
  | { readonly code: "gates_unasked"; readonly dirspaces: readonly DirspaceKey[] }
  /** A gate names somebody in a way that nobody can read. */
  | {
      readonly code: "gate_unreadable";
      readonly dirspaces: readonly DirspaceKey[];
      readonly token: string | null;
      readonly name: string | null;
      readonly term: string;
      readonly message: string;
    }
  | {
      readonly code: "gate_approved";
      readonly login: string;
      readonly tokens: readonly string[];
      readonly dirspaces: readonly DirspaceKey[];
    }
  | { readonly code: "gate_own"; readonly login: string }
  | {
      readonly code: "gate_unknown";
      readonly tokens: readonly string[];
      readonly known: readonly string[];
    }
  | { readonly code: "gate_crowded" }
  | { readonly code: "gate_usage" };
