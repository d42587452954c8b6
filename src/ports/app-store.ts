/** What can be read of an app without a key. */
export interface AppRecord {
  /** What stored installations have as their VCS. */
  readonly key: string;
  /** Which adapter speaks with it. */
  readonly vcs: string;
  readonly webUrl: string;
  readonly apiUrl: string;
  readonly appId: string;
  readonly slug: string;
  readonly name: string;
  readonly owner: string | undefined;
  readonly htmlUrl: string | undefined;
  readonly settings: AppSettings;
  readonly createdBy: string;
}

/** What is not secret and differs between apps. */
export interface AppSettings {
  /** File names of workflows; undefined: the usual ones. */
  readonly workflows?: readonly string[] | undefined;
  readonly jobWorkflows?: readonly string[] | undefined;
  readonly issuer?: string | undefined;
  /** What it may do beyond the least. */
  readonly upgrades: readonly string[];
}

/** Its secrets, readable only with the key that `sealedBy` names. */
export interface SealedSecrets {
  readonly sealedBy: string;
  readonly privateKey: Uint8Array;
  readonly webhookSecrets: Uint8Array;
}

export interface StoredApp extends AppRecord {
  readonly secrets: SealedSecrets;
  /** Moves with every change. */
  readonly revision: string;
  readonly createdAt: Date;
}

/** A registration that was begun and may be ended once, by whoever began it. */
export interface AppSetup {
  readonly stateHash: Uint8Array;
  readonly callerHash: Uint8Array;
  readonly key: string;
  readonly wish: SetupWish;
}

export interface SetupWish {
  readonly webUrl: string;
  readonly apiUrl: string;
  readonly upgrades: readonly string[];
  /** Where the forge cannot reach this server it was not told of a webhook. */
  readonly withWebhook: boolean;
}

export type AppAdded =
  | { readonly kind: "added" }
  /** The key is in use, or was used for another host. */
  | { readonly kind: "key_taken" }
  | { readonly kind: "app_known"; readonly key: string };

/** The apps that were registered with forges, for all servers of one database. */
export interface AppStore {
  /** Which apps there are, and which of them have changed since. Costs next to nothing. */
  revisions(): Promise<ReadonlyMap<string, string>>;
  apps(): Promise<readonly StoredApp[]>;
  /** Keys that a new app cannot have: in use, begun, or used before, also by installations from before there were apps here. */
  takenKeys(): Promise<ReadonlySet<string>>;
  add(app: AppRecord, secrets: SealedSecrets): Promise<AppAdded>;
  /** True where it was there. What was stored about its repositories stays. */
  remove(key: string): Promise<boolean>;
  /** False where somebody else has begun with this key a moment ago. */
  begin(setup: AppSetup, ms: number): Promise<boolean>;
  /** Takes what was begun, once and in time. */
  take(
    stateHash: Uint8Array,
    callerHash: Uint8Array,
  ): Promise<Pick<AppSetup, "key" | "wish"> | undefined>;
}
