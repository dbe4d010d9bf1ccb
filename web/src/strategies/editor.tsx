/** The editor: one text behind two views, what the server says of it, and what can be done with it. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import type { Strategy, Version } from "../lib/contract";
import { t } from "../lib/message";
import { strategiesQuery } from "../lib/queries";
import { Buttons, Dialog } from "../ui/dialog";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { AssumptionsPanel, CheckPanel, type Twin } from "./check-panel";
import { languageOf, suggestionsOf } from "./completion";
import { fieldId } from "./editing";
import styles from "./editor.module.css";
import { FormView } from "./form-view";
import { LanguagePanel } from "./language-panel";
import type { Located } from "./problem-places";
import { RunPanel } from "./run-panel";
import { SavePanel } from "./save-panel";
import { reveal, TextEditor } from "./text-editor";
import { schemaQuery, useDraft } from "./use-draft";

type View = "text" | "form";
type EditorProps = {
  start: string;
  /** What it started from; null for a new strategy. */
  version: Version | null;
  view: View;
  onView: (view: View) => void;
};

export function Editor({ start, version, view, onView }: EditorProps) {
  const draft = useDraft(start);
  const schema = useQuery(schemaQuery);
  const strategies = useQuery(strategiesQuery).data?.items;
  const navigate = useNavigate();
  const { told } = draft.check;
  const twin = useMemo(() => twinOf(strategies, told?.hash, version?.name), [strategies, told?.hash, version?.name]);
  const suggestions = useMemo(
    () => suggestionsOf(languageOf(schema.data), draft.document),
    [schema.data, draft.document],
  );
  const { area, show } = useShow(view, onView);
  const saved = ({ strategy_id, id }: Version) =>
    void navigate({
      to: "/strategies/$strategy",
      params: { strategy: strategy_id },
      search: { version: id },
      ignoreBlocker: true,
    });
  return (
    <Page
      title={version ? t("Edit {name}", { name: version.name }) : t("New strategy")}
      lead={
        version
          ? t("Begun from version {number}, which stays as it is.", { number: version.number })
          : t("A strategy is data: what is written here is all that it does.")
      }
    >
      <Leaving isDirty={draft.text !== start && twin === null} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <Panel title={t("Document")} flush={view === "text"} beside={<Views view={view} onView={onView} />}>
            {view === "text" ? (
              <TextEditor
                text={draft.text}
                onChange={draft.setText}
                problems={draft.check.problems}
                suggestions={suggestions}
                area={area}
              />
            ) : (
              <FormView draft={draft} schema={schema} suggestions={suggestions} onText={() => onView("text")} />
            )}
          </Panel>
        </div>
        <div className={styles.column}>
          <CheckPanel check={draft.check} twin={twin} onShow={show} />
          <SavePanel draft={draft} name={version?.name ?? null} twin={twin} onSaved={saved} />
          <RunPanel title={t("Backtest it")} what={runnable(twin, told?.document)} document={told?.document ?? null} />
        </div>
      </div>
      <LanguagePanel schema={schema} />
      {told?.ok ? <AssumptionsPanel told={told} /> : null}
    </Page>
  );
}

function Views({ view, onView }: Pick<EditorProps, "view" | "onView">) {
  const options = [
    { value: "text", label: t("Text") },
    { value: "form", label: t("Form") },
  ] as const;
  return <Segments label={t("View of the document")} value={view} options={options} onChange={onView} />;
}

/** A run of what is kept belongs to that version. */
function runnable(twin: Twin | null, document: Record<string, unknown> | null | undefined) {
  if (twin) return { version_id: twin.version.id };
  return document ? { document } : null;
}

/** The version that has this document: of this strategy before all others. */
function twinOf(
  strategies: readonly Strategy[] | undefined,
  hash: string | null | undefined,
  name?: string,
): Twin | null {
  const found = (strategies ?? []).flatMap((strategy) =>
    strategy.versions.filter((version) => version.hash === hash).map((version) => ({ strategy, version })),
  );
  return found.find(({ strategy }) => strategy.name === name) ?? found[0] ?? null;
}

/** Brings the place of a problem into sight, in the view that is open. */
function useShow(view: View, onView: (view: View) => void) {
  const area = useRef<HTMLTextAreaElement>(null);
  const wanted = useRef<Located | null>(null);
  const show = (problem: Located) => {
    const field = view === "form" ? document.getElementById(fieldId(problem.place.replace(/:\d+$/, ""))) : null;
    if (field) {
      field.focus();
      field.scrollIntoView({ block: "center" });
    } else if (area.current) reveal(area.current, problem);
    else {
      wanted.current = problem;
      onView("text");
    }
  };
  useEffect(() => {
    if (view === "text" && wanted.current && area.current) reveal(area.current, wanted.current);
    wanted.current = null;
  }, [view]);
  return { area, show };
}

/** What was written and not kept is lost only when someone says so. */
function Leaving({ isDirty }: { isDirty: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  const stay = () => blocker.reset?.();
  return (
    <Dialog title={t("Leave without saving?")} opened={blocker.status === "blocked"} onClose={stay}>
      <p>{t("What you wrote is in no version yet and would be lost.")}</p>
      <Buttons>
        <Button variant="default" onClick={stay}>
          {t("Stay here")}
        </Button>
        <Button color="red" onClick={() => blocker.proceed?.()}>
          {t("Leave and lose it")}
        </Button>
      </Buttons>
    </Dialog>
  );
}
