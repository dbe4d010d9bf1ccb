/** In place of the decision, while a denial stands: a person may take it back. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { VersionAnswer } from "../api/generated/types.gen";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import { StrategyDocument } from "../ui/strategy-document";
import styles from "./approval.module.css";
import { reopen } from "./approval-data";

export function DeniedPanel({ version }: { version: VersionAnswer }) {
  const client = useQueryClient();
  const opening = useMutation({
    mutationFn: () => reopen(version),
    onSettled: () => client.invalidateQueries({ queryKey: ["strategies"] }),
  });
  return (
    <Panel title={t("What was denied")}>
      <StrategyDocument document={version.document} hash={version.hash} />
      {opening.isError ? (
        <p className={styles.refusal} role="alert">
          {explain(opening.error)}
        </p>
      ) : null}
      <div className={styles.reopen}>
        <p className={styles.dim}>{t("Opening it again approves nothing; it waits for a decision once more.")}</p>
        <Button variant="default" loading={opening.isPending} onClick={() => opening.mutate()}>
          {t("Open it again")}
        </Button>
      </div>
    </Panel>
  );
}
