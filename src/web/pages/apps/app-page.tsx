import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { AppCheckView, AppFindingView } from "../../../contract/apps.ts";
import { ask } from "../../data/ask.ts";
import { appCheckQuery } from "../../data/queries.ts";
import { useSay } from "../../parts/announcer.tsx";
import { Badge, type Word } from "../../parts/badge.tsx";
import { Ago } from "../../parts/clock.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Words } from "../../parts/words.tsx";
import { AppRepositories } from "./app-repositories.tsx";

const STATES: Readonly<Record<AppFindingView["state"], Word>> = {
  ok: { label: "There", icon: "check", tone: "good", meaning: "It is as it has to be." },
  missing: {
    label: "Missing",
    icon: "cross",
    tone: "bad",
    meaning: "Without it something does not work.",
  },
  note: { label: "Note", icon: "info", tone: "warn", meaning: "Worth knowing; it stops nothing." },
  unknown: {
    label: "Unknown",
    icon: "question",
    tone: "odd",
    meaning: "It could not be found out now.",
  },
};

/** How one app stands with its forge: what is there, what is missing, and where to mend it. */
export function AppPage(): ReactElement {
  const { app: key } = useParams({ from: "/apps/$app" });
  const check = useQuery(appCheckQuery(key));
  const name = check.data?.app.name ?? key;
  return (
    <Page
      title={name}
      actions={
        <button
          type="button"
          className="button"
          disabled={check.isFetching}
          onClick={() => void check.refetch()}
        >
          <Icon name="stale" /> Check again
        </button>
      }
    >
      {check.error === null ? null : (
        <ErrorNote error={check.error} onRetry={() => void check.refetch()} />
      )}
      {check.isPending ? <Skeleton rows={7} label="The forge is being asked" /> : null}
      {check.data === undefined ? null : <Checked check={check.data} />}
    </Page>
  );
}

function Checked({ check }: { readonly check: AppCheckView }): ReactElement {
  const { app, findings, installations } = check;
  return (
    <>
      <p className="lead">
        {app.forge} App {app.appId}
        {app.owner === null ? "" : ` of ${app.owner}`} on {app.host}, here as <code>{app.key}</code>
        {app.source === "environment" ? ", from the environment of the server" : ""}. Checked{" "}
        <Ago at={check.checkedAt} />.
      </p>
      <NextStep check={check} />
      <ul className="app-findings" aria-label="What was checked">
        {findings.map((one) => (
          <Finding key={one.name} finding={one} app={app.key} />
        ))}
      </ul>
      <AppRepositories installations={installations} />
      <p>
        <Link to="/budget">What is left of what it may ask</Link>
      </p>
    </>
  );
}

/** The one thing to do now. */
function NextStep({ check }: { readonly check: AppCheckView }): ReactElement {
  const { app, findings, installations, ok } = check;
  if (installations.length === 0 && app.installUrl !== null && app.problem === null) {
    return (
      <section className="card next-step" aria-label="Next step">
        <h2>Install it on your repositories</h2>
        <p>
          {app.forge} asks which ones. Pull requests that are opened there from then on show up
          here.
        </p>
        <p>
          <a className="button primary" href={app.installUrl}>
            Install it <Icon name="external" size={14} />
          </a>
        </p>
      </section>
    );
  }
  const missing = findings.filter(({ state }) => state === "missing").length;
  return (
    <p className="note" data-tone={ok ? "good" : "warn"} role="status">
      <Icon name={ok ? "check" : "alert"} />
      <span>
        {ok
          ? "The App has all it needs."
          : missing === 0
            ? "Not everything could be found out now."
            : `${missing} ${missing === 1 ? "thing is" : "things are"} missing; each says what to do.`}
      </span>
    </p>
  );
}

function Finding(props: { readonly finding: AppFindingView; readonly app: string }): ReactElement {
  const { title, state, detail, next, url, name } = props.finding;
  return (
    <li className="app-finding">
      <Badge word={STATES[state]} />
      <div>
        <h2>{title}</h2>
        <p>
          <Words text={detail} />
        </p>
        {next === null || state === "ok" ? null : (
          <p className="muted">
            <Words text={next} />
          </p>
        )}
        {name === "webhook" && state === "missing" ? <Mend app={props.app} /> : null}
        {url === null || state === "ok" ? null : (
          <p>
            <a href={url}>
              {title}: open its page <Icon name="external" size={12} />
            </a>
          </p>
        )}
      </div>
    </li>
  );
}

function Mend(props: { readonly app: string }): ReactElement {
  const client = useQueryClient();
  const say = useSay();
  const mend = useMutation({
    mutationFn: () => ask("mendApp", { key: props.app }),
    onSuccess: (check) => {
      client.setQueryData(appCheckQuery(props.app).queryKey, check);
      say("The webhook is set");
    },
  });
  return (
    <>
      {mend.error === null ? null : <ErrorNote error={mend.error} />}
      <p>
        <button
          type="button"
          className="button small"
          disabled={mend.isPending}
          onClick={() => mend.mutate()}
        >
          Mend the webhook
        </button>
      </p>
    </>
  );
}
