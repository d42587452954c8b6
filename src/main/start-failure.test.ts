import { expect, test } from "vitest";
import { startFailure } from "./start-failure.ts";

const AT = { host: "terrane.exmaple.com", port: 8080 };

function failed(code: string, more: object = {}): Error {
  return Object.assign(new Error("failed"), { code, ...more });
}

test.each([
  ["the own host that nobody knows", failed("ENOTFOUND", { hostname: AT.host }), AT.host],
  ["the database's host", failed("ENOTFOUND", { hostname: "db.example" }), "database"],
  ["a database that refuses", failed("ECONNREFUSED"), "database"],
  ["a port that is taken", failed("EADDRINUSE"), "Port 8080"],
  ["an address of another machine", failed("EADDRNOTAVAIL"), "no such address"],
])("%s is named as what keeps a server from starting", (_name, error, named) => {
  expect(startFailure(error, AT)?.message).toContain(named);
});

test("what nobody can mend by a setting is a bug of ours", () => {
  expect(startFailure(failed("EWHATEVER"), AT)).toBeUndefined();
  expect(startFailure("a text", AT)).toBeUndefined();
});
