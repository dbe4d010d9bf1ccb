/** What waits for a person first, then what was decided, and the drafts that nobody laid before anyone. */

import { useQuery } from "@tanstack/react-query";
import { t } from "../lib/message";
import { proposalsQuery } from "../lib/queries";
import { Page } from "../ui/page";
import { DecidedPanel } from "./decided-panel";
import { WaitingPanel } from "./waiting-panel";

export function ApprovalsScreen() {
  const { isPending } = useQuery(proposalsQuery);
  return (
    <Page
      title={t("Approvals")}
      lead={t(
        "A strategy leaves research only through you. Reviewing shows exactly what would trade, and under which limits.",
      )}
    >
      <WaitingPanel />
      {/* What is below waits for what is above, so that nothing moves. */}
      {isPending ? null : <DecidedPanel />}
    </Page>
  );
}
