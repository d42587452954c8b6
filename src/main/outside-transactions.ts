import { assertNoTransaction } from "../store/transaction.ts";

/** S29: an adapter none of whose methods works while a transaction is open. */
export function outsideTransactions<T extends object>(adapter: T, name: string): T {
  return new Proxy(adapter, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]): unknown => {
        assertNoTransaction(`${name}.${String(key)}`);
        return Reflect.apply(value, target, args);
      };
    },
  });
}
