/** The steps of a session as they happen: filtered, followed, opened; ten thousand of them draw as twenty. */

import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useMemo, useRef, useState } from "react";
import { useLive, useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { plural, t } from "../lib/message";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState } from "../ui/states";
import type { SessionState, Step } from "./session-state";
import { StepDetail } from "./step-detail";
import { StepRow } from "./step-row";
import styles from "./steps.module.css";
import { useFollow } from "./use-follow";
import { useStepKeys } from "./use-step-keys";
import { axisSpan } from "./waterfall";

const ROW_PX = 41;
const OVERSCAN = 8;

type Filter = "all" | "model" | "tool" | "failed";

type StepsPanelProps = {
  session: string;
  store: LiveStore<SessionState>;
  /** It was under way when it was opened: its newest step is what is looked at. */
  live: boolean;
  /** A step to open at once, from the address. */
  first: number | undefined;
  onEvidence: (number: number) => void;
};

export function StepsPanel({ session, store, live, first, onEvidence }: StepsPanelProps) {
  const [filter, setFilter] = useState<Filter>("all");
  const failed = useLiveSlow(store, (state) => state.totals.failed);
  const steps = useLive(store, (state) => state.steps);
  const shown = useMemo(() => steps.filter((step) => matches(step, filter)), [steps, filter]);
  const scroller = useRef<HTMLDivElement>(null);
  const follow = useFollow(scroller, shown.length, live && first === undefined);
  const options = [
    { value: "all", label: t("All") },
    { value: "model", label: t("Model") },
    { value: "tool", label: t("Tools") },
    { value: "failed", label: failed > 0 ? t("Failed {count}", { count: failed }) : t("Failed") },
  ] as const;
  return (
    <Panel
      title={t("Steps")}
      flush
      beside={<Segments label={t("Which steps")} value={filter} options={options} onChange={setFilter} />}
      end={
        <ActionIcon
          variant={follow.on ? "light" : "default"}
          size={32}
          aria-pressed={follow.on}
          aria-label={t("Follow new steps")}
          title={t("Follow new steps")}
          onClick={follow.toggle}
        >
          <IconArrowDown size={17} aria-hidden="true" />
        </ActionIcon>
      }
    >
      <div className={styles.frame}>
        <section
          ref={scroller}
          className={styles.scroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
          tabIndex={0}
          aria-label={t("List of steps")}
          onScroll={follow.onScroll}
        >
          {shown.length === 0 ? (
            <EmptyState
              text={
                steps.length === 0
                  ? t("No step yet. The first appears here by itself.")
                  : t("No step matches this filter.")
              }
            />
          ) : (
            <Rows
              session={session}
              store={store}
              steps={shown}
              scroller={scroller}
              first={first}
              onEvidence={onEvidence}
            />
          )}
        </section>
        {follow.fresh > 0 ? (
          <Button className={styles.fresh ?? ""} size="xs" onClick={follow.toggle}>
            {plural(follow.fresh, "{count} new", "{count} new")}
          </Button>
        ) : null}
      </div>
    </Panel>
  );
}

type RowsProps = Omit<StepsPanelProps, "live"> & {
  steps: readonly Step[];
  scroller: React.RefObject<HTMLDivElement | null>;
};

function Rows({ session, store, steps, scroller, first, onEvidence }: RowsProps) {
  const [open, setOpen] = useState<ReadonlySet<number>>(() => new Set(first === undefined ? [] : [first]));
  const origin = useLiveSlow(store, (state) => state.first_ms ?? 0);
  const span = useLiveSlow(store, (state) => axisSpan((state.last_ms ?? 0) - (state.first_ms ?? 0)));
  const virtualizer = useVirtualizer({
    count: steps.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => steps[index]?.number ?? index,
    initialOffset: first === undefined ? 0 : Math.max(0, (first - 3) * ROW_PX),
  });
  const { resizeItem } = virtualizer;
  const toggle = useCallback(
    (number: number, index: number) => {
      setOpen((before) => toggled(before, number));
      resizeItem(index, ROW_PX);
    },
    [resizeItem],
  );
  useStepKeys(scroller, virtualizer.scrollToIndex, steps);
  return (
    <ol className={styles.list} style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map((item) => {
        const step = steps[item.index];
        if (!step) return null;
        return (
          <li
            key={item.key}
            ref={open.has(step.number) ? virtualizer.measureElement : undefined}
            data-index={item.index}
            className={styles.item}
            data-failed={step.ok === false || undefined}
            aria-posinset={item.index + 1}
            aria-setsize={steps.length}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <StepRow
              store={store}
              step={step}
              index={item.index}
              origin_ms={origin}
              span_ms={span}
              open={open.has(step.number)}
              onToggle={toggle}
            />
            {open.has(step.number) ? (
              <StepDetail session={session} store={store} step={step} onEvidence={onEvidence} />
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}

function matches(step: Step, filter: Filter): boolean {
  if (filter === "all") return true;
  return filter === "failed" ? step.ok === false : step.kind === filter;
}

function toggled(before: ReadonlySet<number>, number: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(number)) after.add(number);
  return after;
}
