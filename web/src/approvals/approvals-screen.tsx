/** What waits for a person first, then what was decided, and the drafts that nobody laid before anyone. */

import { t } from "../lib/message";
import { Page } from "../ui/page";
import { DecidedPanel } from "./decided-panel";
import { WaitingPanel } from "./waiting-panel";

export function ApprovalsScreen() {
  return (
    <Page
      title={t("Approvals")}
      lead={t(
        "A strategy leaves research only through you. Reviewing shows exactly what would trade, and under which limits.",
      )}
    >
      <WaitingPanel />
      <DecidedPanel />
    </Page>
  );
}
