import { randomBytes } from "node:crypto";
import { migrate } from "../../../src/store/migrate.ts";
import { asAdmin, withDatabase } from "../../../test/support/admin.ts";
import { quiet } from "../../../test/support/quiet.ts";
import { openGivenDatabase } from "../../../test/support/store-twins/database.ts";
import { playHistory } from "../../../test/support/store-twins/history.ts";
import { playScript, SCRIPTS } from "../../../test/support/store-twins/scripts.ts";
import type { ChildResult } from "./run-mutant.ts";

const STEPS = 60;

/** Plays what is written down, and then random histories, until the two stores part. */
async function main(): Promise<ChildResult> {
  const [adminUrl = "", first = "1", last = "0"] = process.argv.slice(2);
  const name = `mutant_${randomBytes(6).toString("hex")}`;
  await asAdmin(adminUrl, `create database ${name}`);
  const url = withDatabase(adminUrl, name);
  await migrate({ url, log: quiet });
  const given = await openGivenDatabase(url);
  let found: ChildResult["found"];
  for (let seed = Number(first); seed <= Number(last); seed++) {
    try {
      const script = SCRIPTS[seed - 1];
      if (script !== undefined) await playScript(given, script);
      else await playHistory(given, seed - SCRIPTS.length, STEPS);
      process.stdout.write("\n");
    } catch (error) {
      found = { seed, what: String(error).split("\n")[0] ?? "" };
      break;
    }
  }
  await given.close();
  await asAdmin(adminUrl, `drop database ${name} with (force)`);
  return { found };
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
process.exit(0);
