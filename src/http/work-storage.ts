import { unreachable } from "../base/unreachable.ts";
import type { PlanStorage as Storage } from "../contract/plan-storage.ts";
import type { PlanStorage } from "../core/config/storage.ts";

/** Where plans wait, in the runner's words. */
export function planStorage(storage: PlanStorage): Storage {
  switch (storage.method) {
    case "server":
      return { method: "server" };
    case "cmd": {
      const { store, fetch } = storage;
      const remove = storage.delete;
      return {
        method: "cmd",
        store: [...store],
        fetch: [...fetch],
        delete: remove === undefined ? null : [...remove],
      };
    }
    case "s3":
      return {
        ...storage,
        path: storage.path ?? null,
        accessKeyId: storage.accessKeyId ?? null,
        secretAccessKey: storage.secretAccessKey ?? null,
        storeExtraArgs: [...storage.storeExtraArgs],
        fetchExtraArgs: [...storage.fetchExtraArgs],
        deleteExtraArgs: [...storage.deleteExtraArgs],
      };
    default:
      return unreachable(storage);
  }
}
