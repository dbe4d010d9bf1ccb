/** What happens in a session, as it happens: steps and what is said between them, filtered and followed. */

import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useMemo, useRef, useState } from "react";
import { useLive, useLivePhase, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { plural, t } from "../lib/message";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState, LoadingRows } from "../ui/states";
import { PlanStrip } from "./plan-strip";
import { Said } from "./said";
import { SayForm } from "./say-form";
import type { SessionState } from "./session-state";
import styles from "./steps.module.css";
import { type Filter, timeline } from "./timeline";
import { TimelineRows } from "./timeline-rows";
import { type Follow, useFollow } from "./use-follow";
import { useMayWrite } from "./use-may-write";

export type StepsPanelProps = {
  session: string;
  store: LiveStore<SessionState>;
  /** It was under way when it was opened: its newest step is what is looked at. */
  live: boolean;
  /** A step to open at once, from the address. */
  first: number | undefined;
  onEvidence: (number: number) => void;
  onReport: () => void;
};

export function StepsPanel(props: StepsPanelProps) {
  const { session, store, live, first } = props;
  const [filter, setFilter] = useState<Filter>("all");
  const steps = useLive(store, (state) => state.steps);
  const notes = useLive(store, (state) => state.notes);
  const lines = useMemo(() => timeline(steps, notes, filter), [steps, notes, filter]);
  const scroller = useRef<HTMLDivElement>(null);
  const follow = useFollow(scroller, lines.length, live && first === undefined);
  return (
    <Panel
      title={t("What happens")}
      flush
      beside={<Filters store={store} filter={filter} onFilter={setFilter} />}
      end={<FollowSwitch follow={follow} />}
    >
      <PlanStrip store={store} />
      <div className={styles.frame}>
        <section
          ref={scroller}
          className={styles.scroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
          tabIndex={0}
          aria-label={t("What was said and done")}
          onScroll={follow.onScroll}
        >
          {lines.length === 0 ? <Nothing store={store} any={steps.length + notes.length > 0} /> : null}
          <TimelineRows {...props} lines={lines} notes={notes} scroller={scroller} />
          {filter === "all" || filter === "said" ? (
            <Speaking store={store} follow={follow} scroller={scroller} />
          ) : null}
        </section>
        {follow.fresh > 0 ? (
          <Button className={styles.fresh ?? ""} size="xs" onClick={follow.toggle}>
            {plural(follow.fresh, "{count} new", "{count} new")}
          </Button>
        ) : null}
      </div>
      <Composer session={session} store={store} />
    </Panel>
  );
}

type FiltersProps = { store: LiveStore<SessionState>; filter: Filter; onFilter: (filter: Filter) => void };

function Filters({ store, filter, onFilter }: FiltersProps) {
  const failed = useLiveSlow(store, (state) => state.totals.failed);
  const options = [
    { value: "all", label: t("All") },
    { value: "said", label: t("Said") },
    { value: "model", label: t("Model") },
    { value: "tool", label: t("Tools") },
    { value: "failed", label: failed > 0 ? t("Failed {count}", { count: failed }) : t("Failed") },
  ] as const;
  return <Segments label={t("What of it")} value={filter} options={options} onChange={onFilter} />;
}

function FollowSwitch({ follow }: { follow: Follow }) {
  return (
    <ActionIcon
      variant={follow.on ? "light" : "default"}
      size={32}
      aria-pressed={follow.on}
      aria-label={t("Follow what is new")}
      title={t("Follow what is new")}
      onClick={follow.toggle}
    >
      <IconArrowDown size={17} aria-hidden="true" />
    </ActionIcon>
  );
}

function Nothing({ store, any }: { store: LiveStore<SessionState>; any: boolean }) {
  const speaking = useLive(store, (state) => state.words !== null);
  const loading = useLivePhase(store) === "loading";
  if (speaking) return null;
  if (loading && !any) return <LoadingRows rows={8} />;
  return (
    <EmptyState text={any ? t("Nothing here fits this filter.") : t("Nothing yet. The first step appears here.")} />
  );
}

type SpeakingProps = {
  store: LiveStore<SessionState>;
  follow: Follow;
  scroller: React.RefObject<HTMLDivElement | null>;
};

/** What the model says now; the step that ends with it puts its message in this place. */
function Speaking({ store, follow, scroller }: SpeakingProps) {
  const words = useLive(store, (state) => state.words);
  const element = scroller.current;
  if (follow.on && element && words) queueMicrotask(() => element.scrollTo({ top: element.scrollHeight }));
  return words ? <Said words={words} /> : null;
}

/** Stands there for every session that can be spoken to, so that nothing moves. */
function Composer({ session, store }: { session: string; store: LiveStore<SessionState> }) {
  const cancelled = useLiveSlow(store, (state) => state.state === "cancelled");
  const may = useMayWrite();
  const [text, setText] = useState("");
  return may && !cancelled ? <SayForm session={session} text={text} onText={setText} /> : null;
}
