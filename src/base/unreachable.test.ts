import { expect, test } from "vitest";
import { unreachable } from "./unreachable.ts";

test.each([
  [{ kind: "comet_seen" }, "unreachable: kind comet_seen"],
  [{ state: "melted" }, "unreachable: state melted"],
  [{ token: "hunter2" }, "unreachable: object"],
  ["hunter2", "unreachable: string"],
  [null, "unreachable: object"],
])(
  "a value outside its union stops the program and its content stays private: %j",
  (value, text) => {
    expect(() => unreachable(value as never)).toThrow(text);
  },
);
