/** The document as text: numbered lines, those with a problem marked, words completed inside expressions. */

import { type RefObject, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { t } from "../lib/message";
import { isExpression, type Suggestion } from "./completion";
import styles from "./editor.module.css";
import { placesOf } from "./json-places";
import { type Located, lineOf } from "./problem-places";
import { offering, SuggestionsList } from "./suggestions-list";
import { useCompletion } from "./use-completion";

/** As in the style sheet. */
export const LINE_PX = 20;
const TOP_PX = 10;

type TextEditorProps = {
  text: string;
  onChange: (text: string) => void;
  problems: readonly Located[];
  suggestions: readonly Suggestion[];
  area: RefObject<HTMLTextAreaElement | null>;
};

export function TextEditor({ text, onChange, problems, suggestions, area }: TextEditorProps) {
  const id = useId();
  const help = useId();
  const [scrolled, setScrolled] = useState({ top: 0, left: 0 });
  const completion = useCompletion({ area, suggestions, isInside });
  const lines = useMemo(() => text.split("\n").length, [text]);
  const marked = useMemo(() => new Set(problems.map((problem) => problem.line)), [problems]);
  return (
    <div className={styles.frame}>
      <Gutter lines={useDeferredValue(lines)} marked={marked} top={scrolled.top} />
      <div className={styles.paper}>
        <div className={styles.stripes} aria-hidden="true">
          {[...marked].map((line) => (
            <div key={line} className={styles.stripe} style={{ top: TOP_PX + (line - 1) * LINE_PX - scrolled.top }} />
          ))}
        </div>
        <textarea
          ref={area}
          className={styles.text}
          aria-label={t("Document as text")}
          aria-describedby={help}
          aria-invalid={problems.length > 0}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          value={text}
          onChange={(event) => {
            onChange(event.currentTarget.value);
            completion.wrote();
          }}
          onKeyDown={completion.onKeyDown}
          onClick={completion.close}
          onBlur={completion.close}
          onScroll={({ currentTarget }) =>
            setScrolled({ top: currentTarget.scrollTop, left: currentTarget.scrollLeft })
          }
          {...offering(id, completion)}
        />
        <SuggestionsList id={id} completion={completion} style={below(area.current, scrolled)} />
      </div>
      <p id={help} className={styles.unseen}>
        {t("Control and Space completes a word of an expression. Tab leaves the text.")}
      </p>
    </div>
  );
}

function Gutter({ lines, marked, top }: { lines: number; marked: ReadonlySet<number>; top: number }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current) place.current.scrollTop = top;
  }, [top]);
  return (
    <div ref={place} className={styles.gutter} aria-hidden="true">
      <div className={styles.numbers}>
        {Array.from({ length: lines }, (_, index) => index + 1).map((line) => (
          <div key={line} className={styles.number} data-marked={marked.has(line) || undefined}>
            {marked.has(line) ? `▸ ${line}` : line}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Whether the caret is between the quotes of an expression. */
function isInside(text: string, caret: number): boolean {
  for (const [pointer, { start, end }] of placesOf(text).values) {
    if (caret > start && caret < end && isExpression(pointer)) return true;
  }
  return false;
}

/** The list hangs under the caret; `ch` is a character's width, as all are alike. */
function below(area: HTMLTextAreaElement | null, scrolled: { top: number; left: number }) {
  if (!area) return {};
  const caret = area.selectionStart;
  const line = lineOf(area.value, caret);
  const column = caret - (area.value.lastIndexOf("\n", caret - 1) + 1);
  return {
    top: TOP_PX + line * LINE_PX - scrolled.top + 2,
    left: `clamp(0px, calc(12px + ${column}ch - ${scrolled.left}px), calc(100% - 320px))`,
  };
}

/** Puts the caret's selection on a stretch of the text and brings its line into sight. */
export function reveal(area: HTMLTextAreaElement, { start, end }: { start: number; end: number }): void {
  area.focus();
  area.setSelectionRange(start, end);
  area.scrollTop = Math.max(0, (lineOf(area.value, start) - 1) * LINE_PX - area.clientHeight / 2);
}
