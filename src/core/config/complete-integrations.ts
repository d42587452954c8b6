import type { Integrations } from "./config.ts";
import type { RawIntegrations } from "./schema/integrations.ts";

export const NO_INTEGRATIONS: Integrations = { resourcely: { enabled: false, extraArgs: [] } };

export function completeIntegrations(
  raw: RawIntegrations | null | undefined,
): Integrations | undefined {
  if (raw === undefined || raw === null) return undefined;
  return {
    resourcely: {
      enabled: raw.resourcely?.enabled ?? false,
      extraArgs: raw.resourcely?.extra_args ?? [],
    },
  };
}
