/**
 * The database itself refuses what was decided: a check, a trigger or a size. Trying again gives the same until something
 * else has changed, so it is a bug of whoever decided, and not a database that is away.
 */
export class RefusedWrite extends Error {
  override readonly name: string = "RefusedWrite";
}
