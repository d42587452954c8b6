import { expect, test } from "vitest";
import { eachOf } from "./upkeep.ts";

test("L36 a part that fails keeps none of the others from their work, and its error is told", async () => {
  const done: string[] = [];
  const broken = () => Promise.reject(new Error("the log of deliveries is away"));
  const work = (name: string) => async () => {
    done.push(name);
  };
  const all = eachOf([work("beat"), broken, work("replay"), work("forget")]);
  await expect(all).rejects.toThrow("the log of deliveries is away");
  expect(done).toEqual(["beat", "replay", "forget"]);
});

test("what fails together is told together", async () => {
  const fails = (why: string) => () => Promise.reject(new Error(why));
  const told = await eachOf([fails("one"), fails("two")]).catch((error: unknown) => error);
  expect(told).toBeInstanceOf(AggregateError);
  expect((told as AggregateError).errors).toHaveLength(2);
});
