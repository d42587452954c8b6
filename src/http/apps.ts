import type {
  AddAppBody,
  AppCheckView,
  AppOfferView,
  AppView,
  BeginAppBody,
  BegunAppView,
} from "../contract/apps.ts";
import type { ProblemStatus } from "./errors.ts";

/** What cannot be done, in words for whoever asked. */
export interface AppRefused {
  readonly kind: "refused";
  readonly status: ProblemStatus;
  readonly code: string;
  readonly message: string;
  readonly next?: string;
}

export type AppResult<T> = { readonly kind: "ok"; readonly value: T } | AppRefused;

/** The apps of this server: those of its environment, and those that were registered with it. Secrets go in and never come out. */
export interface AppRegistry {
  list(): Promise<readonly AppView[]>;
  offer(host: string | undefined): AppResult<AppOfferView>;
  /** `caller` is whoever alone may complete it. */
  begin(caller: string, wish: BeginAppBody): Promise<AppResult<BegunAppView>>;
  complete(
    caller: string,
    came: { readonly code: string; readonly state: string },
  ): Promise<AppResult<AppView>>;
  add(app: AddAppBody): Promise<AppResult<AppView>>;
  remove(key: string): Promise<AppResult<undefined>>;
  check(key: string): Promise<AppResult<AppCheckView>>;
  /** Sets address and secret of its webhook on the forge. */
  mend(key: string): Promise<AppResult<AppCheckView>>;
}
