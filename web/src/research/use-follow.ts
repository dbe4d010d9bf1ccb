/** Keeps the newest step in sight until a person scrolls up; then counts what they have not seen. */

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

const AT_END_PX = 24;

export type Follow = {
  on: boolean;
  /** Steps that came since following ended. */
  fresh: number;
  toggle: () => void;
  onScroll: () => void;
};

export function useFollow(scroller: RefObject<HTMLElement | null>, count: number, wanted: boolean): Follow {
  const [on, setOn] = useState(wanted);
  /** How many steps there were when following ended; null while it has not. */
  const [seen, setSeen] = useState<number | null>(null);
  const last = useRef({ top: 0, height: 0 });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (on && element) element.scrollTop = element.scrollHeight;
  });

  const toggle = useCallback(() => {
    setSeen(count);
    setOn((before) => !before);
  }, [count]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const before = last.current;
    last.current = { top: element.scrollTop, height: element.scrollHeight };
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - AT_END_PX;
    // A list that shrank moves by itself; only a person moves up in one that did not.
    const up = element.scrollTop < before.top - 1 && element.scrollHeight >= before.height;
    if (up && !atEnd) {
      setOn((was) => {
        if (was) setSeen(count);
        return false;
      });
    } else if (atEnd) {
      setSeen((was) => (was === null ? null : count));
    }
  }, [scroller, count]);

  return { on, fresh: on || seen === null ? 0 : Math.max(0, count - seen), toggle, onScroll };
}
