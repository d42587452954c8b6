import { z } from "zod";
import { optional, strict } from "./helpers.ts";
import { hook } from "./steps.ts";

const lists = optional(strict({ pre: optional(z.array(hook)), post: optional(z.array(hook)) }));

export const hooks = strict({ all: lists, plan: lists, apply: lists });

export type RawHooks = z.infer<typeof hooks>;
