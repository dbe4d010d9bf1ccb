/** The sessions beside the one that is open: found by a word, put away ones apart. A drawer where there is no room. */

import { Button, Drawer, TextInput } from "@mantine/core";
import { IconList, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Age } from "../ui/amount";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { foundQuery, stateWords } from "./run-data";
import styles from "./sessions-rail.module.css";
import { SEARCH_MARK } from "./use-step-keys";

type RailProps = { current: string };

/** In sight where the window is wide. */
export function SessionsRail({ current }: RailProps) {
  return (
    <div className={styles.rail}>
      <Panel title={t("Sessions")} flush>
        <Finder current={current} mark />
      </Panel>
    </div>
  );
}

/** The button that stands for the rail where there is no room for it. */
export function SessionsButton({ current }: RailProps) {
  const [opened, setOpened] = useState(false);
  return (
    <div className={styles.button}>
      <Button
        {...SEARCH_MARK}
        variant="default"
        size="xs"
        leftSection={<IconList size={16} aria-hidden="true" />}
        onClick={() => setOpened(true)}
      >
        {t("Sessions")}
      </Button>
      <Drawer
        opened={opened}
        onClose={() => setOpened(false)}
        size={320}
        title={t("Sessions")}
        closeButtonProps={{ "aria-label": t("Close") }}
        attributes={{ header: { role: "presentation" } }}
        transitionProps={{ duration: 120 }}
      >
        <Finder current={current} onGo={() => setOpened(false)} />
      </Drawer>
    </div>
  );
}

type FinderProps = RailProps & { mark?: boolean; onGo?: () => void };

function Finder({ current, mark = false, onGo }: FinderProps) {
  const [words, setWords] = useState("");
  const [archived, setArchived] = useState<"no" | "yes">("no");
  const query = foundQuery({ words: useDeferredValue(words.trim()), archived: archived === "yes" });
  const { data, error, refetch } = useQuery({ ...query, placeholderData: keepPreviousData });
  return (
    <>
      <div className={styles.search}>
        <TextInput
          {...(mark ? SEARCH_MARK : { "data-autofocus": "" })}
          type="search"
          size="xs"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          aria-label={t("Search the sessions")}
          placeholder={t("Search what was asked and said")}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Segments
          label={t("Which sessions to list")}
          value={archived}
          options={[
            { value: "no", label: t("In use") },
            { value: "yes", label: t("Archived") },
          ]}
          onChange={setArchived}
        />
      </div>
      {error ? <ErrorState error={error} what={t("The sessions could not be read.")} retry={refetch} /> : null}
      {!data && !error ? <LoadingRows rows={8} /> : null}
      {data?.items.length === 0 ? <EmptyState text={t("No session was found.")} /> : null}
      <nav aria-label={t("Sessions found")} className={styles.list}>
        {data?.items.map((row) => (
          <Row key={row.id} row={row} current={row.id === current} onGo={onGo} />
        ))}
      </nav>
    </>
  );
}

type RowProps = { row: SessionAnswer; current: boolean; onGo: (() => void) | undefined };

function Row({ row, current, onGo }: RowProps) {
  const { text, tone } = stateWords(row.state);
  return (
    <Link
      className={styles.row}
      to="/research/$session"
      params={{ session: row.id }}
      search={{}}
      aria-current={current ? "page" : undefined}
      onClick={onGo}
    >
      <span className={styles.title}>{row.title ?? row.goal}</span>
      <span className={styles.state} data-tone={tone}>
        {text} · <Age value={row.created_at} />
      </span>
    </Link>
  );
}
