/** Signed-in browsers, by the hash of their secret, for all servers of the database. */
export interface SessionStore {
  open(hash: Uint8Array): Promise<void>;
  /** Whether it is open; that it is asked for keeps it so. */
  isOpen(hash: Uint8Array): Promise<boolean>;
  close(hash: Uint8Array): Promise<void>;
}
