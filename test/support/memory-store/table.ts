/** Takes back what an unfinished transaction wrote, the newest first. */
export class Journal {
  /** Rows written since the beginning, in all tables: whoever knows it sees whether anything may be different. */
  writes = 0;
  readonly #undo: (() => void)[] = [];

  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  forget(): void {
    this.#undo.length = 0;
  }

  rollBack(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}

type Key = string | number;

/** The rows that share one value, kept current with every write of the table. */
export class Index<K extends Key, Row> {
  readonly #groups = new Map<Key, Map<K, Row>>();
  readonly #valueOf: (row: Row) => Key | undefined;

  constructor(valueOf: (row: Row) => Key | undefined) {
    this.#valueOf = valueOf;
  }

  /** In no particular order: a row that was rolled back moves to the end. */
  of(value: Key): Iterable<Row> {
    return this.#groups.get(value)?.values() ?? [];
  }

  /** The row with this value where there is one at most, otherwise any of them. */
  one(value: Key): Row | undefined {
    for (const row of this.of(value)) return row;
    return undefined;
  }

  count(value: Key): number {
    return this.#groups.get(value)?.size ?? 0;
  }

  move(key: K, before: Row | undefined, after: Row | undefined): void {
    const from = before === undefined ? undefined : this.#valueOf(before);
    const to = after === undefined ? undefined : this.#valueOf(after);
    if (from !== undefined && from !== to) {
      const group = this.#groups.get(from);
      group?.delete(key);
      if (group?.size === 0) this.#groups.delete(from);
    }
    if (to === undefined || after === undefined) return;
    const group = this.#groups.get(to);
    if (group === undefined) this.#groups.set(to, new Map([[key, after]]));
    else group.set(key, after);
  }
}

/** Rows are never changed in place, so that whoever read one keeps what it read without a copy. */
export class Table<K extends Key, Row> {
  /** Rows written since the beginning. */
  writes = 0;
  readonly #rows = new Map<K, Row>();
  readonly #indexes: Index<K, Row>[] = [];
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  index(valueOf: (row: Row) => Key | undefined): Index<K, Row> {
    const index = new Index<K, Row>(valueOf);
    this.#indexes.push(index);
    return index;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: K): Row | undefined {
    return this.#rows.get(key);
  }

  keys(): Iterable<K> {
    return this.#rows.keys();
  }

  values(): Iterable<Row> {
    return this.#rows.values();
  }

  put(key: K, row: Row): void {
    this.#change(key, row);
  }

  /** Changes a row that is there; nothing where it is not. */
  update(key: K, change: (row: Row) => Row): Row | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    const changed = change(row);
    if (changed !== row) this.#change(key, changed);
    return changed;
  }

  remove(key: K): void {
    this.#change(key, undefined);
  }

  #change(key: K, row: Row | undefined): void {
    const before = this.#rows.get(key);
    this.#journal.note(() => this.#write(key, row, before));
    this.#write(key, before, row);
  }

  #write(key: K, before: Row | undefined, after: Row | undefined): void {
    this.writes += 1;
    this.#journal.writes += 1;
    if (after === undefined) this.#rows.delete(key);
    else this.#rows.set(key, after);
    for (const index of this.#indexes) index.move(key, before, after);
  }
}
