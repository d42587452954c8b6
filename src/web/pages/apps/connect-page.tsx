import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef, useState } from "react";
import type { AppOfferView, BeginAppBody, BegunAppView } from "../../../contract/apps.ts";
import { ask } from "../../data/ask.ts";
import { appOfferQuery, appsQuery } from "../../data/queries.ts";
import { Command } from "../../parts/copy-button.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Words } from "../../parts/words.tsx";
import { PermissionList } from "./permission-list.tsx";

const BY_HAND =
  "terrane apps add --app-id NUMBER --private-key-file app.pem --webhook-secret-file secret.txt";

/** Registers an app with a forge: the browser carries the wish there, and comes back with the app. */
export function ConnectPage(): ReactElement {
  useOwnDocument();
  const [host, setHost] = useState<string>();
  const offer = useQuery(appOfferQuery(undefined));
  const there = useQuery(appOfferQuery(host));
  const forge = offer.data?.forge ?? "a forge";
  return (
    <Page title={`Connect ${forge}`}>
      {offer.error === null ? null : (
        <ErrorNote error={offer.error} onRetry={() => void offer.refetch()} />
      )}
      {offer.isPending ? <Skeleton rows={6} label="What is needed is loading" /> : null}
      <Connected />
      {offer.data === undefined ? null : (
        <>
          <p className="lead">
            {forge} makes an App of your own, with the permissions listed here and no others. Its
            key comes straight to this server and is stored encrypted; nothing has to be copied.
          </p>
          <ConnectForm offer={offer.data} warning={there.data?.warning ?? null} onHost={setHost} />
          <section className="card by-hand">
            <h2>Is there an App already?</h2>
            <p className="muted">
              Add it from a terminal: its id, its private key and its webhook secret.
            </p>
            <Command text={BY_HAND} what="the command" />
          </section>
        </>
      )}
    </Page>
  );
}

/**
 * Forms of this page go to the forge, which the server allows to this document only. Whoever came here from another page
 * without loading is still in that one's.
 */
function useOwnDocument(): void {
  useEffect(() => {
    const [loaded] = performance.getEntriesByType("navigation");
    if (loaded !== undefined && new URL(loaded.name).pathname !== window.location.pathname) {
      window.location.reload();
    }
  }, []);
}

function Connected(): ReactElement | null {
  const apps = useQuery(appsQuery());
  if (apps.data === undefined || apps.data.length === 0) return null;
  return (
    <section className="apps" aria-label="Connected">
      <h2>Connected</h2>
      <ul className="rows">
        {apps.data.map((app) => (
          <li key={app.key} className="row">
            <span className="row-state" data-tone={app.problem === null ? "good" : "bad"}>
              <Icon name={app.problem === null ? "check" : "alert"} />
              <span className="visually-hidden">
                {app.problem === null ? "Usable" : "Not usable"}
              </span>
            </span>
            <div className="row-main">
              <Link className="row-title" data-row to="/apps/$app" params={{ app: app.key }}>
                {app.name ?? app.key}
              </Link>
              <p className="row-about">
                {app.host} · {app.key}
                {app.owner === null ? "" : ` · of ${app.owner}`}
                {app.source === "environment" ? " · from the environment" : ""}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Wish {
  readonly own: boolean;
  readonly host: string;
  readonly organization: string;
  readonly upgrades: readonly string[];
}

function ConnectForm(props: {
  readonly offer: AppOfferView;
  readonly warning: string | null;
  readonly onHost: (host: string | undefined) => void;
}): ReactElement {
  const { offer, onHost } = props;
  const [wish, setWish] = useState<Wish>({ own: false, host: "", organization: "", upgrades: [] });
  const begin = useMutation({ mutationFn: () => ask("beginApp", {}, bodyOf(wish)) });
  const change = (part: Partial<Wish>) => {
    const next = { ...wish, ...part };
    setWish(next);
    // Half an address is none: what is typed is asked about when it is done.
    if (part.own !== undefined) onHost(hostOf(next));
  };
  return (
    <form
      className="card form connect"
      aria-label={`Connect ${offer.forge}`}
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate();
      }}
    >
      <HostFields offer={offer} wish={wish} onChange={change} onDone={() => onHost(hostOf(wish))} />
      <label>
        Organization
        <input
          spellCheck={false}
          autoComplete="off"
          pattern="[A-Za-z0-9][A-Za-z0-9\-]{0,38}"
          title="The name in its address; leave it empty for your own account"
          placeholder="empty: my own account"
          value={wish.organization}
          onChange={(event) => change({ organization: event.target.value })}
        />
      </label>
      <p className="muted small">
        The App belongs to it, and you have to be one of its owners. Installed on repositories it is
        afterwards, and only on those that you choose.
      </p>
      <Upgrades offer={offer} wish={wish} onChange={change} />
      <PermissionList offer={offer} upgrades={wish.upgrades} />
      {props.warning === null ? null : <Warning text={props.warning} />}
      {begin.error === null ? null : <ErrorNote error={begin.error} />}
      <button
        type="submit"
        className="button primary"
        disabled={begin.isPending || begin.isSuccess}
      >
        Continue to {hostOf(wish) ?? offer.forge}
      </button>
      {begin.data === undefined ? null : <Onward begun={begin.data} />}
    </form>
  );
}

function hostOf({ own, host }: Wish): string | undefined {
  return own && host.trim() !== "" ? host.trim() : undefined;
}

function bodyOf({ own, host, organization, upgrades }: Wish): BeginAppBody {
  return {
    ...(own ? { host: host.trim() } : {}),
    ...(organization.trim() === "" ? {} : { organization: organization.trim() }),
    upgrades: [...upgrades],
  };
}

interface WishProps {
  readonly offer: AppOfferView;
  readonly wish: Wish;
  readonly onChange: (part: Partial<Wish>) => void;
}

function HostFields({
  offer,
  wish,
  onChange,
  onDone,
}: WishProps & { readonly onDone: () => void }): ReactElement {
  return (
    <>
      <fieldset className="choice">
        <legend>Where</legend>
        <label className="switch">
          <input
            type="radio"
            name="where"
            checked={!wish.own}
            onChange={() => onChange({ own: false })}
          />
          {new URL(offer.host).host}
        </label>
        <label className="switch">
          <input
            type="radio"
            name="where"
            checked={wish.own}
            onChange={() => onChange({ own: true })}
          />
          {offer.ownHost}, at an address of your company
        </label>
      </fieldset>
      {wish.own ? (
        <label>
          Its address
          <input
            required
            spellCheck={false}
            autoComplete="off"
            maxLength={250}
            placeholder="git.example.com"
            value={wish.host}
            onChange={(event) => onChange({ host: event.target.value })}
            onBlur={onDone}
          />
        </label>
      ) : null}
    </>
  );
}

function Upgrades({ offer, wish, onChange }: WishProps): ReactElement {
  return (
    <fieldset className="choice upgrades">
      <legend>More, where you want it</legend>
      {offer.upgrades.map(({ name, title, reason }) => (
        <label key={name} className="switch">
          <input
            type="checkbox"
            checked={wish.upgrades.includes(name)}
            onChange={(event) =>
              onChange({
                upgrades: event.target.checked
                  ? [...wish.upgrades, name]
                  : wish.upgrades.filter((one) => one !== name),
              })
            }
          />
          <span>
            <b>{title}</b>{" "}
            <span className="muted">
              <Words text={reason} />
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Warning(props: { readonly text: string }): ReactElement {
  return (
    <div className="note" data-tone="warn" role="status">
      <Icon name="alert" />
      <div>
        <p>{props.text}</p>
      </div>
    </div>
  );
}

/** Sends itself; the button is for browsers in which it did not. */
function Onward(props: { readonly begun: BegunAppView }): ReactElement {
  const { action, fields } = props.begun;

  const went = useRef(false);
  useEffect(() => {
    if (went.current) return;
    went.current = true;
    sendForm(action, fields);
  }, [action, fields]);
  return (
    <p className="small">
      Going to {new URL(action).host} …{" "}
      <button type="button" className="button small" onClick={() => sendForm(action, fields)}>
        Go there now
      </button>
    </p>
  );
}

/** A form inside a form is none, so this one is made beside. */
function sendForm(action: string, fields: BegunAppView["fields"]): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  for (const { name, value } of fields) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}
