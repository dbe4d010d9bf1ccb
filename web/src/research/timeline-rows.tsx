/** The lines of the timeline: of ten thousand, those in sight are drawn. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useState } from "react";
import { useLive, useLiveSlow } from "../lib/live";
import { NoteRow } from "./note-row";
import { RerunDialog, type RerunOf } from "./rerun-dialog";
import { SayForm } from "./say-form";
import { type Note, openQuestion } from "./session-notes";
import { StepDetail } from "./step-detail";
import { StepRow } from "./step-row";
import styles from "./steps.module.css";
import type { StepsPanelProps } from "./steps-panel";
import type { Line } from "./timeline";
import { useMayWrite } from "./use-may-write";
import { useStepKeys } from "./use-step-keys";
import { axisSpan } from "./waterfall";

const ROW_PX = 41;
const OVERSCAN = 8;
/** About so many letters stand in a line of a message. */
const LETTERS = 84;
const LETTER_LINE_PX = 20;
const NOTE_PX = 54;

type TimelineRowsProps = StepsPanelProps & {
  lines: readonly Line[];
  notes: readonly Note[];
  scroller: React.RefObject<HTMLDivElement | null>;
};

export function TimelineRows(props: TimelineRowsProps) {
  const { session, store, lines, scroller, first, onEvidence } = props;
  const [open, setOpen] = useState<ReadonlySet<number>>(() => new Set(first === undefined ? [] : [first]));
  const [rerun, setRerun] = useState<RerunOf | null>(null);
  // Kept here: a line that is scrolled out of sight forgets.
  const [draft, setDraft] = useState("");
  const may = useMayWrite();
  const origin = useLiveSlow(store, (state) => state.first_ms ?? 0);
  const span = useLiveSlow(store, (state) => axisSpan((state.last_ms ?? 0) - (state.first_ms ?? 0)));
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => height(lines[index]),
    overscan: OVERSCAN,
    getItemKey: (index) => lines[index]?.key ?? index,
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
  useStepKeys(scroller, virtualizer.scrollToIndex, lines);
  const edit = may ? setRerun : undefined;
  return (
    <>
      <ol className={styles.list} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          const { step } = line;
          const isOpen = step !== undefined && open.has(step.number);
          return (
            <li
              key={item.key}
              ref={isOpen || !step ? virtualizer.measureElement : undefined}
              data-index={item.index}
              className={styles.item}
              data-failed={step?.ok === false || undefined}
              data-stale={(step ?? line.note).stale || undefined}
              data-inner={step?.kind === "tool" || undefined}
              aria-posinset={item.index + 1}
              aria-setsize={lines.length}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {step ? (
                <StepRow
                  {...{ store, step, index: item.index, origin_ms: origin, span_ms: span, open: isOpen }}
                  onToggle={toggle}
                />
              ) : (
                <NoteLine {...props} {...{ draft, setDraft }} note={line.note} onEdit={edit} />
              )}
              {step && isOpen ? <StepDetail {...{ session, step, onEvidence, onRerun: edit }} /> : null}
            </li>
          );
        })}
      </ol>
      <RerunDialog session={session} of={rerun} onClose={() => setRerun(null)} />
    </>
  );
}

type NoteLineProps = TimelineRowsProps & {
  note: Note;
  draft: string;
  setDraft: (text: string) => void;
  onEdit: ((of: RerunOf) => void) | undefined;
};

function NoteLine({ session, store, notes, note, draft, setDraft, onEdit, onReport }: NoteLineProps) {
  const waiting = useLive(store, (live) => live.state === "waiting");
  const isOpen = waiting && onEdit !== undefined && openQuestion(notes)?.seq === note.seq;
  const answers = note.what.kind === "question" ? note.what.step : 0;
  return (
    <NoteRow
      session={session}
      note={note}
      answer={isOpen ? <SayForm session={session} text={draft} onText={setDraft} answers={answers} /> : null}
      onEdit={onEdit && ((position, text) => onEdit({ position, text }))}
      onReport={onReport}
    />
  );
}

/** What a line is taken for until it is drawn and measured. */
function height(line: Line | undefined): number {
  if (!line || line.step) return ROW_PX;
  const { what } = line.note;
  return "text" in what ? NOTE_PX + LETTER_LINE_PX * Math.ceil(what.text.length / LETTERS) : NOTE_PX;
}

function toggled(before: ReadonlySet<number>, number: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(number)) after.add(number);
  return after;
}
