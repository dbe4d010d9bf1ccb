/** Gives the focus back to what opened an overlay, when the overlay is taken away. */

import { useEffect, useState } from "react";

export function useFocusReturn(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // After the overlay's own clean-up; and not where someone has gone on already.
      setTimeout(() => {
        const nowhere = document.activeElement === null || document.activeElement === document.body;
        if (nowhere && opener instanceof HTMLElement && opener.isConnected) opener.focus();
      });
    },
    [opener],
  );
}
