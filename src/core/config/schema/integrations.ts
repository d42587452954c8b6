import { z } from "zod";
import { argv, optional, strict } from "./helpers.ts";

export const integrations = strict({
  resourcely: optional(strict({ enabled: z.boolean(), extra_args: optional(argv) })),
});

export type RawIntegrations = z.infer<typeof integrations>;
