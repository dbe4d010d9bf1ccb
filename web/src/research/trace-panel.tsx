/** The trace: when each step ran, nested, with what it cost; and the same as a table. */

import { ActionIcon } from "@mantine/core";
import { IconArrowsMaximize, IconChevronLeft, IconChevronRight, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import type { SessionAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState } from "../ui/states";
import { VirtualTable } from "../ui/virtual-table";
import type { SessionState } from "./session-state";
import { isWithin, moved, type Range, type Trace, traceOf, zoomed } from "./trace";
import styles from "./trace.module.css";
import { TRACE_COLUMNS } from "./trace-columns";
import { TraceRows } from "./trace-rows";

const CLOSER = 0.5;
const FARTHER = 2;
const PART = 0.5;
const TABLE_PX = 620;

type TracePanelProps = { session: SessionAnswer; store: LiveStore<SessionState>; onStep: (step: string) => void };

export function TracePanel({ session, store, onStep }: TracePanelProps) {
  const steps = useLiveSlow(store, (state) => state.steps);
  const last = useLiveSlow(store, (state) => state.last_ms ?? 0);
  const [form, setForm] = useState<"time" | "table">("time");
  const trace = useMemo(() => traceOf(steps, last), [steps, last]);
  const own = useZoom(trace);
  const shown = useMemo(() => trace.rows.filter((row) => isWithin(row, own.range)), [trace, own.range]);
  return (
    <Panel
      title={t("Trace")}
      flush
      beside={
        <Segments
          label={t("How to see it")}
          value={form}
          options={[
            { value: "time", label: t("Timeline") },
            { value: "table", label: t("Table") },
          ]}
          onChange={setForm}
        />
      }
      end={form === "time" ? <ZoomButtons {...own} shown={shown.length} all={trace.rows.length} /> : null}
    >
      {steps.length === 0 ? (
        <div className={styles.rows}>
          <EmptyState text={t("Nothing ran yet.")} />
        </div>
      ) : form === "table" ? (
        <VirtualTable
          label={t("Steps of {session}", { session: session.title ?? session.goal })}
          columns={TRACE_COLUMNS}
          rows={trace.rows}
          keyOf={(row) => row.key}
          height={TABLE_PX}
        />
      ) : (
        <TraceRows rows={shown} cuts={trace.cuts} {...own} onStep={onStep} />
      )}
    </Panel>
  );
}

export type Zoom = {
  range: Range;
  zoom: (factor: number, about?: number) => void;
  move: (part: number) => void;
  whole: () => void;
};

/** Until somebody zooms, all of it is seen, however long it grows. */
function useZoom({ length }: Trace): Zoom {
  const [chosen, setChosen] = useState<Range | null>(null);
  const range = chosen ?? { from: 0, to: length };
  const set = (next: Range) => setChosen(next.to - next.from >= length ? null : next);
  return {
    range,
    zoom: (factor, about) => set(zoomed(range, length, factor, about)),
    move: (part) => set(moved(range, length, part)),
    whole: () => setChosen(null),
  };
}

function ZoomButtons({ zoom, move, whole, shown, all }: Zoom & { shown: number; all: number }) {
  return (
    <>
      <span className={styles.count}>
        {t("{shown} of {all}", { shown: formatNumber(shown), all: formatNumber(all) })}
      </span>
      <Tool label={t("Earlier")} onClick={() => move(-PART)} icon={<IconChevronLeft size={16} aria-hidden="true" />} />
      <Tool label={t("Later")} onClick={() => move(PART)} icon={<IconChevronRight size={16} aria-hidden="true" />} />
      <Tool label={t("Farther")} onClick={() => zoom(FARTHER)} icon={<IconZoomOut size={16} aria-hidden="true" />} />
      <Tool label={t("Closer")} onClick={() => zoom(CLOSER)} icon={<IconZoomIn size={16} aria-hidden="true" />} />
      <Tool label={t("All of it")} onClick={whole} icon={<IconArrowsMaximize size={16} aria-hidden="true" />} />
    </>
  );
}

function Tool({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <ActionIcon variant="default" size={30} aria-label={label} title={label} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}
