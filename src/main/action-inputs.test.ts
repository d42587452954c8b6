import { expect, test } from "vitest";
import { withInputs } from "./action-inputs.ts";

const SERVER = "https://terrane.example.com";

test("inputs become variables, and no tool finds them in the environment under their own names", () => {
  const given = {
    PATH: "/bin",
    "INPUT_SERVER-URL": SERVER,
    INPUT_ATTEMPT: "a-1",
    "INPUT_GIT-TOKEN": "a token",
    "INPUT_SEAL-KEY": "",
    "INPUT_OF-ANOTHER": "kept",
  };
  expect(withInputs(given)).toEqual({
    kind: "ok",
    env: {
      PATH: "/bin",
      TERRANE_SERVER_URL: SERVER,
      TERRANE_ATTEMPT: "a-1",
      TERRANE_GIT_TOKEN: "a token",
      "INPUT_OF-ANOTHER": "kept",
    },
  });
});

test("a variable that is set goes before the input", () => {
  const given = { TERRANE_SERVER_URL: SERVER, "INPUT_SERVER-URL": "https://other.example.com" };
  expect(withInputs(given)).toEqual({ kind: "ok", env: { TERRANE_SERVER_URL: SERVER } });
});

test.each([
  [`${SERVER}/`, "ok"],
  ["", "ok"],
  ["https://evil.example.com", "refused"],
] as const)("a job that %j started is %s", (startedBy, kind) => {
  const given = { "INPUT_SERVER-URL": SERVER, "INPUT_STARTED-BY": startedBy };
  expect(withInputs(given).kind).toBe(kind);
});
