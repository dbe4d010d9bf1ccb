/** A field for a key whose content stays in the field: no state, no cache and no storage ever holds it. */

import { type ClipboardEvent, useEffect, useRef, useState } from "react";
import type { KeyMark, ProviderRow } from "../lib/vault";
import { guess, type Judgement, judge, trimmed } from "./key-shape";

/** Whoever still types is not corrected. */
const PAUSE_MS = 1_500;
/** What does not fit into the field is not put there. */
const MOST_SHOWN = 8_192;
const NOTHING: Judgement = { trouble: null, other: null };

export type KeyField = {
  input: React.RefObject<HTMLInputElement | null>;
  judgement: Judgement;
  empty: boolean;
  /** Spaces, line breaks or quotes around the pasted key were left out. */
  wasTrimmed: boolean;
  onPaste: (event: ClipboardEvent<HTMLInputElement>) => void;
  onInput: () => void;
  onBlur: () => void;
  /** The key, trimmed; judged once more before it is sent. */
  read: () => { key: string; judgement: Judgement };
  clear: () => void;
  /** Takes back what was said of the key, not the key. */
  clearSaid: () => void;
};

type KeyFieldOptions = {
  marks: readonly KeyMark[];
  provider: ProviderRow;
  /** The calls go to an address that the person wrote. */
  ownAddress?: boolean;
  /** The pasted key looks like another service's; true when the form took that one up. */
  onGuess?: (mark: KeyMark) => boolean;
  onChange: () => void;
};

export function useKeyField({ marks, provider, ownAddress = false, onGuess, onChange }: KeyFieldOptions): KeyField {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [judgement, setJudgement] = useState(NOTHING);
  const [empty, setEmpty] = useState(true);
  const [wasTrimmed, setWasTrimmed] = useState(false);
  useEffect(() => () => clearTimeout(timer.current), []);

  const say = () => {
    clearTimeout(timer.current);
    const { key } = trimmed(input.current?.value ?? "");
    const found = judge(marks, provider, key, { ownAddress });
    setJudgement(found);
    return { key, judgement: found };
  };
  const changed = () => {
    setEmpty(!input.current?.value.trim());
    setJudgement(NOTHING);
    onChange();
  };
  return {
    input,
    judgement,
    empty,
    wasTrimmed,
    onInput: () => {
      changed();
      setWasTrimmed(false);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => say(), PAUSE_MS);
    },
    onPaste: (event) => {
      event.preventDefault();
      const field = event.currentTarget;
      const { key, changed: bared } = trimmed(event.clipboardData.getData("text"));
      if (key.length > MOST_SHOWN) return setJudgement(judge(marks, provider, key, { ownAddress }));
      field.setRangeText(key, field.selectionStart ?? 0, field.selectionEnd ?? field.value.length, "end");
      changed();
      setWasTrimmed(bared);
      const mark = guess(marks, field.value);
      if (!(mark && mark.provider !== provider.id && onGuess?.(mark))) say();
    },
    onBlur: () => {
      say();
    },
    read: () => {
      const { key, changed: bared } = trimmed(input.current?.value ?? "");
      if (bared && key) setWasTrimmed(true);
      return say();
    },
    clearSaid: () => setJudgement(NOTHING),
    clear: () => {
      if (input.current) input.current.value = "";
      setEmpty(true);
      setWasTrimmed(false);
      setJudgement(NOTHING);
    },
  };
}
