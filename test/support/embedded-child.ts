import { startEmbedded } from "../../src/store/embedded/start.ts";
import { quiet } from "./quiet.ts";

/** A server process that tests can kill: starts the database of argv[2] and says where it is. */
const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error("the data directory is missing");
const server = await startEmbedded({ dataDir, log: quiet });
process.stdout.write(`${server.url} ${server.pid()}\n`);
setInterval(() => undefined, 60_000);
