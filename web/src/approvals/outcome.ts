/** The words for what a person decided. */

import type { DecisionAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import type { Tone } from "../ui/state-pill";

export function outcome(decided: DecisionAnswer["outcome"]): { word: string; tone: Tone } {
  switch (decided) {
    case "approved":
      return { word: t("Approved for paper"), tone: "good" };
    case "denied":
      return { word: t("Denied"), tone: "bad" };
    case "reopened":
      return { word: t("Opened again"), tone: "quiet" };
  }
}
