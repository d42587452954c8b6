import type { AppRefused, AppRegistry } from "../../src/http/apps.ts";

const REFUSED: AppRefused = {
  kind: "refused",
  status: 404,
  code: "NOT_FOUND",
  message: "There is no such app.",
};

/** A server that is connected to no forge and can be connected to none. */
export const NO_APPS: AppRegistry = {
  list: () => Promise.resolve([]),
  offer: () => REFUSED,
  begin: () => Promise.resolve(REFUSED),
  complete: () => Promise.resolve(REFUSED),
  add: () => Promise.resolve(REFUSED),
  remove: () => Promise.resolve(REFUSED),
  check: () => Promise.resolve(REFUSED),
  mend: () => Promise.resolve(REFUSED),
};
