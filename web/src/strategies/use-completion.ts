/** Completes the word at the caret of a text area: offered while one writes, chosen by arrows and Enter, or by a click. */

import { type KeyboardEvent, type RefObject, useState } from "react";
import { insertionOf, matching, type Suggestion, wordAt } from "./completion";

/** One letter is no hint yet. */
const FROM_LETTERS = 2;

export type Completion = {
  /** Empty: nothing is offered. */
  offers: readonly Suggestion[];
  active: number;
  choose: (one: Suggestion) => void;
  /** The text or the caret changed by writing. */
  wrote: () => void;
  close: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
};

type Asked = {
  area: RefObject<HTMLTextAreaElement | null>;
  suggestions: readonly Suggestion[];
  /** Whether the caret stands where an expression is. */
  isInside: (text: string, caret: number) => boolean;
};

export function useCompletion({ area, suggestions, isInside }: Asked): Completion {
  const [offers, setOffers] = useState<readonly Suggestion[]>([]);
  const [active, setActive] = useState(0);
  const offer = (letters: number) => {
    const field = area.current;
    if (!field) return;
    const word = wordAt(field.value, field.selectionStart);
    const wanted = word.length >= letters && isInside(field.value, field.selectionStart);
    setOffers(wanted ? matching(suggestions, word) : []);
    setActive(0);
  };
  const close = () => setOffers([]);
  const choose = (one: Suggestion) => {
    if (area.current) insert(area.current, one);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      offer(0);
      return;
    }
    const chosen = offers[active];
    if (!chosen) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) setActive((active + by + offers.length) % offers.length);
    else if (event.key === "Enter") choose(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { offers, active, choose, wrote: () => offer(FROM_LETTERS), close, onKeyDown };
}

/** As if it were typed, so that the browser's undo knows it. */
function insert(field: HTMLTextAreaElement, one: Suggestion): void {
  const caret = field.selectionStart;
  const start = caret - wordAt(field.value, caret).length;
  const put = insertionOf(one, field.value.slice(caret));
  field.focus();
  field.setSelectionRange(start, caret);
  document.execCommand("insertText", false, put.text);
  field.setSelectionRange(start + put.caret, start + put.caret);
}
