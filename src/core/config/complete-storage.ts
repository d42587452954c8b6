import { unreachable } from "../../base/unreachable.ts";
import { given } from "./complete-engine.ts";
import type { RawPlanStorage } from "./schema/storage.ts";
import type { PlanStorage } from "./storage.ts";

export function completePlanStorage(raw: RawPlanStorage | null | undefined): PlanStorage {
  if (raw === undefined || raw === null) return { method: "server" };
  switch (raw.method) {
    case "server":
    case "terrane":
    case "terrateam":
      return { method: "server" };
    case "cmd":
      return {
        method: "cmd",
        store: raw.store,
        fetch: raw.fetch,
        ...given("delete", raw.delete),
      };
    case "s3":
      return {
        method: "s3",
        bucket: raw.bucket,
        region: raw.region,
        ...given("path", raw.path),
        ...given("accessKeyId", raw.access_key_id),
        ...given("secretAccessKey", raw.secret_access_key),
        deleteUsedPlans: raw.delete_used_plans ?? true,
        storeExtraArgs: raw.store_extra_args ?? [],
        fetchExtraArgs: raw.fetch_extra_args ?? [],
        deleteExtraArgs: raw.delete_extra_args ?? [],
      };
    default:
      return unreachable(raw);
  }
}
