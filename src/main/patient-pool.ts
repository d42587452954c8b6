import type pg from "pg";
import { isDatabaseAway, isReadOnly } from "../store/sqlstate.ts";

/** One of the codes after which the queue tries again by itself. */
const TRY_AGAIN = "ETIMEDOUT";

/**
 * The pool as the job queue gets it. When the queue cannot say that a job is done, it tries again after a few
 * codes only; after any other error it leaves a rejection that nobody handles, which ends the process
 * (graphile-worker 0.17.3, `worker.js`). A connection that is lost, however that is reported, or that leads to a
 * standby, is such a code here.
 *
 * Behind a pooler the queue's listener never gets a connection: LISTEN would stay behind on one that others use.
 */
export function patientPool(pool: pg.Pool, listens: boolean): pg.Pool {
  return new Proxy(pool, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      if (key !== "connect") return value.bind(target) as unknown;
      return (...args: readonly unknown[]): unknown =>
        // With a callback it is the queue's listener, which comes back by itself.
        args.length > 0
          ? listens && Reflect.apply(value, target, args)
          : patiently(() => pool.connect()).then(patientClient);
    },
  });
}

function patientClient(client: pg.PoolClient): pg.PoolClient {
  let standby = false;
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      // The next connection may lead to what took the primary's place.
      if (key === "release") return (broken?: boolean | Error) => target.release(broken ?? standby);
      if (key !== "query") return value.bind(target) as unknown;
      return (...args: readonly unknown[]): unknown =>
        patiently(async () => {
          try {
            return (await Reflect.apply(value, target, args)) as unknown;
          } catch (error) {
            standby ||= isReadOnly(error);
            throw error;
          }
        });
    },
  });
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    throw Object.assign(new Error("the database is away", { cause: error }), {
      code: TRY_AGAIN,
    });
  }
}
