import pg from "pg";

/** PostgreSQL's error codes that we act on: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const SQLSTATE = {
  uniqueViolation: "23505",
  serializationFailure: "40001",
  deadlockDetected: "40P01",
  lockNotAvailable: "55P03",
  queryCanceled: "57014",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  cannotConnectNow: "57P03",
  idleInTransactionTimeout: "25P03",
  readOnlyTransaction: "25006",
} as const;

export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** What was to be stored cannot be; trying again gives the same. Our triggers speak as checks do: class 23. */
export function isOfTheData(error: unknown): boolean {
  const code = sqlState(error) ?? "";
  return /^(22|23|54)/.test(code);
}

/** Another transaction was in the way; the same work succeeds when it is done again. */
export function isConflict(error: unknown): boolean {
  const code = sqlState(error);
  return code === SQLSTATE.serializationFailure || code === SQLSTATE.deadlockDetected;
}

const LOST_NETWORK = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
]);

/** The driver reports these without a code (pg 8.23, `client.js` and pg-pool). */
const LOST_MESSAGES =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired)/;

/** The connection, and with it the transaction, is gone; the server itself may be fine. */
export function isConnectionLoss(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined) {
    return (
      code.startsWith("08") ||
      code === SQLSTATE.adminShutdown ||
      code === SQLSTATE.crashShutdown ||
      code === SQLSTATE.cannotConnectNow
    );
  }
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && LOST_NETWORK.has(error.code))
    return true;
  return LOST_MESSAGES.test(error.message);
}

const UNSENT_MESSAGES =
  /^Client (?:has encountered a connection error|was closed) and is not queryable/;

/** The driver knew the connection to be gone and sent nothing (pg 8.23, `client.js`, `query`). */
export function wasNotSent(error: unknown): boolean {
  return error instanceof Error && UNSENT_MESSAGES.test(error.message);
}

/** The connection leads to a standby that is not promoted yet; nothing of the transaction was done. */
export function isReadOnly(error: unknown): boolean {
  return sqlState(error) === SQLSTATE.readOnlyTransaction;
}

/** No database takes writes at the moment, and soon one will again. */
export function isDatabaseAway(error: unknown): boolean {
  return isConnectionLoss(error) || isReadOnly(error);
}
