import { unreachable } from "../../base/unreachable.ts";
import type { PlanStorage } from "../../contract/plan-storage.ts";

/** How one plan file gets to where it waits, back, and away. `$NAME` in it is replaced when a command runs. */
export interface StorageCommands {
  readonly store: readonly string[];
  readonly fetch: readonly string[];
  /** Null: what was used stays. */
  readonly delete: readonly string[] | null;
  /** Variables of these commands alone: keys belong there and never on a command line. */
  readonly env: Readonly<Record<string, string>>;
}

/** Which plan it is; the names are those of the templates. */
export interface PlanName {
  readonly dir: string;
  readonly workspace: string;
  readonly date: string;
  readonly time: string;
  readonly token: string;
}

const DEFAULT_PATH = "terrateam/plans/$dir/$workspace/$date-$time-$token";
/** Set when a command runs. */
const PLACES = ["plan_path", "plan_dst_path"];

/** Undefined where plans wait on the server. */
export function storageCommands(storage: PlanStorage, name: PlanName): StorageCommands | undefined {
  switch (storage.method) {
    case "server":
      return undefined;
    case "cmd":
      return {
        store: named(storage.store, name),
        fetch: named(storage.fetch, name),
        delete: storage.delete === null ? null : named(storage.delete, name),
        env: {},
      };
    case "s3": {
      const { bucket, region, deleteUsedPlans } = storage;
      const object = `s3://${bucket}/${storage.path ?? DEFAULT_PATH}`;
      const s3 = (verb: string, extra: readonly string[], ...paths: string[]) =>
        named(["aws", "s3", verb, "--region", region, ...extra, ...paths], name);
      return {
        store: s3("cp", storage.storeExtraArgs, "$plan_path", object),
        fetch: s3("cp", storage.fetchExtraArgs, object, "$plan_dst_path"),
        delete: deleteUsedPlans ? s3("rm", storage.deleteExtraArgs, object) : null,
        env: {
          ...(storage.accessKeyId === null ? {} : { AWS_ACCESS_KEY_ID: storage.accessKeyId }),
          ...(storage.secretAccessKey === null
            ? {}
            : { AWS_SECRET_ACCESS_KEY: storage.secretAccessKey }),
        },
      };
    }
    default:
      return unreachable(storage);
  }
}

/** Puts in which plan it is, and leaves variables of the job for when the command runs: the apply's job has its own. */
function named(argv: readonly string[], name: PlanName): string[] {
  const values: Readonly<Record<string, string>> = { ...name };
  return argv.map((argument) =>
    argument.replace(
      /\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g,
      (all, plain: string | undefined, braced: string | undefined) => {
        const key = plain ?? braced ?? "";
        if (PLACES.includes(key) || !Object.hasOwn(values, key)) return all;
        // A dollar in a directory's name is none of a variable.
        return (values[key] ?? "").replaceAll("$", "$$$$");
      },
    ),
  );
}
