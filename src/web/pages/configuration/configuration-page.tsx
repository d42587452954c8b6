import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactElement, useCallback, useRef, useState } from "react";
import type { ConfigurationView } from "../../../contract/configuration.ts";
import { configurationQuery } from "../../data/queries.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import type { EditorHandle } from "../../parts/editor/editor.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { shortSha } from "../../parts/text.ts";
import { CONFIGURATION_TABS, type ConfigurationTab } from "../../search.ts";
import { type Check, useCheck } from "./check.ts";
import { type Draft, useDraft } from "./draft.ts";
import { EffectiveTab } from "./effective-tab.tsx";
import { FileTab } from "./file-tab.tsx";
import { HERE } from "./here.ts";
import { RepositorySwitch } from "./repository-switch.tsx";
import { TryTab } from "./try-tab.tsx";

/** Where a repository without one would keep it. */
const USUAL_PATH = ".terrane/config.yml";

export function ConfigurationPage(): ReactElement {
  const { repository } = useParams({ from: HERE });
  const found = useQuery(configurationQuery(repository));
  if (found.data !== undefined) return <Loaded key={repository} view={found.data} />;
  return (
    <Page title="Configuration" wide actions={<RepositorySwitch id={repository} />}>
      {found.error === null ? (
        <Skeleton rows={8} label="The configuration is loading" />
      ) : (
        <ErrorNote error={found.error} onRetry={() => void found.refetch()} />
      )}
    </Page>
  );
}

function Loaded(props: { readonly view: ConfigurationView }): ReactElement {
  const { view } = props;
  const { tab = "file" } = useSearch({ from: HERE });
  const [file] = view.files;
  const path = file?.path ?? USUAL_PATH;
  const draft = useDraft(view.repositoryId, file?.text ?? "");
  const check = useCheck(view.repositoryId, draft.text, path);
  const [tryErrors, setTryErrors] = useState(0);
  const { onReady, goTo, replace } = useEditor(view.repositoryId);

  return (
    <Page
      wide
      title={`Configuration · ${view.repository}`}
      heading="Configuration"
      actions={<RepositorySwitch id={view.repositoryId} />}
    >
      <About view={view} path={path} draft={draft} />
      <Trouble view={view} />
      <Tabs id={view.repositoryId} tab={tab} check={check} tryErrors={tryErrors} />
      <div hidden={tab !== "file"}>
        <FileTab
          path={path}
          branch={view.ref}
          isNew={file === undefined}
          draft={draft}
          check={check}
          onReady={onReady}
          goTo={goTo}
          replace={replace}
        />
      </div>
      {tab === "effective" ? (
        <EffectiveTab
          values={check.effective}
          errors={check.errors}
          isBusy={check.isBusy}
          goTo={goTo}
        />
      ) : null}
      <div hidden={tab !== "try"}>
        <TryTab
          repository={view.repositoryId}
          defaultBranch={view.ref}
          path={path}
          draft={draft}
          onErrors={setTryErrors}
        />
      </div>
    </Page>
  );
}

/** The editor comes when its code is loaded; a jump from another tab waits until the tab is shown. */
function useEditor(repository: string) {
  const editor = useRef<EditorHandle>(undefined);
  const navigate = useNavigate();
  const onReady = useCallback((handle: EditorHandle | undefined) => {
    editor.current = handle;
  }, []);
  const goTo = useCallback(
    (line: number, column: number) => {
      void navigate({
        to: HERE,
        params: { repository },
        search: {},
        replace: true,
        resetScroll: false,
      }).then(() => window.requestAnimationFrame(() => editor.current?.goTo(line, column)));
    },
    [navigate, repository],
  );
  const replace = useCallback<EditorHandle["replace"]>(
    (mark, by) => editor.current?.replace(mark, by),
    [],
  );
  return { onReady, goTo, replace };
}

function About(props: {
  readonly view: ConfigurationView;
  readonly path: string;
  readonly draft: Draft;
}): ReactElement {
  const { view, draft } = props;
  return (
    <div className="about">
      <span className="strong">{view.repository}</span>
      <span className="nowrap">
        <Icon name="file" size={14} /> <code>{props.path}</code>
      </span>
      <span className="nowrap">
        <Icon name="branch" size={14} /> <code>{view.ref}</code> at{" "}
        <code title={view.commit}>{shortSha(view.commit)}</code>
        <CopyButton text={view.commit} what="the commit" />
      </span>
      {draft.isChanged ? (
        <span className="badge" data-tone="ready" title="Only this tab of your browser has it.">
          Draft
        </span>
      ) : null}
    </div>
  );
}

/** What is wrong with the files as such, which no draft of one of them mends. */
function Trouble(props: { readonly view: ConfigurationView }): ReactElement | null {
  const { diagnostics, files } = props.view;
  const about = diagnostics.filter(({ line, severity }) => line === 0 && severity === "error");
  if (about.length === 0 || files.length === 1) return null;
  return (
    <div className="note" data-tone="bad" role="alert">
      <Icon name="alert" />
      <div>
        {about.map(({ message }) => (
          <p key={message} className="note-title">
            {message.replaceAll("`", "")}
          </p>
        ))}
        {files.length > 1 ? <p>Below is {files[0]?.path}.</p> : null}
      </div>
    </div>
  );
}

const LABELS: Readonly<Record<ConfigurationTab, string>> = {
  file: "File",
  effective: "Effective",
  try: "Try a change",
};

function Tabs(props: {
  readonly id: string;
  readonly tab: ConfigurationTab;
  readonly check: Check;
  readonly tryErrors: number;
}): ReactElement {
  const { check } = props;
  const badges: Readonly<Record<ConfigurationTab, ReactElement | null>> = {
    file: <Findings errors={check.errors} warnings={check.warnings} />,
    effective: null,
    try: <Findings errors={props.tryErrors} warnings={0} />,
  };
  return (
    <nav className="tabs" aria-label="Views of the configuration">
      {CONFIGURATION_TABS.map((tab) => (
        <Link
          key={tab}
          to={HERE}
          params={{ repository: props.id }}
          search={tab === "file" ? {} : { tab }}
          resetScroll={false}
          replace
          className="tab"
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={tab === props.tab ? "page" : undefined}
        >
          {LABELS[tab]}
          {badges[tab]}
        </Link>
      ))}
    </nav>
  );
}

function Findings(props: {
  readonly errors: number;
  readonly warnings: number;
}): ReactElement | null {
  const { errors, warnings } = props;
  if (errors + warnings === 0) return null;
  return (
    <span className="finding-counts">
      {errors === 0 ? null : (
        <span className="finding-count number" data-tone="bad">
          {errors}
          <span className="visually-hidden"> {errors === 1 ? "error" : "errors"}</span>
        </span>
      )}
      {warnings === 0 ? null : (
        <span className="finding-count number" data-tone="warn">
          {warnings}
          <span className="visually-hidden"> {warnings === 1 ? "warning" : "warnings"}</span>
        </span>
      )}
    </span>
  );
}
