/** Tests a saved key when it opens, and again when asked. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { vaultTryCredential } from "../api/generated/sdk.gen";
import { t } from "../lib/message";
import { providersQuery } from "../lib/vault-api";
import { Buttons } from "../ui/dialog";
import { FailureBox } from "./failure-box";
import { Notes } from "./key-form";
import styles from "./keys.module.css";
import { RefusalLine } from "./refusal-line";
import { TestSteps } from "./test-steps";
import { type KeyFormProps, useFreshKeys } from "./use-fresh-keys";
import { useTrial } from "./use-trial";

export function TestPane({ credential, onClose }: KeyFormProps) {
  const { trial, begin, ended, failed } = useTrial();
  const fresh = useFreshKeys();
  const provider = useQuery(providersQuery).data?.items.find((row) => row.id === credential.provider);
  const run = async () => {
    begin("test");
    try {
      ended(await vaultTryCredential({ path: { credential_id: credential.id } }));
    } catch (error) {
      failed(error);
    }
    await fresh();
  };
  // Once: a test is a call that costs, so a second drawing must not make a second one.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void run();
  });
  return (
    <div className={styles.form}>
      {trial.busy || trial.test ? <TestSteps test={trial.test ?? undefined} /> : null}
      {trial.test?.failure ? <FailureBox failure={trial.test.failure} provider={provider} wait={trial.wait} /> : null}
      <Notes notes={trial.test?.notes} />
      <RefusalLine error={trial.error} until={trial.until} />
      <Buttons>
        <Button variant="default" loading={trial.busy !== null} disabled={trial.wait > 0} onClick={() => void run()}>
          {t("Test again")}
        </Button>
        <Button onClick={onClose}>{t("Done")}</Button>
      </Buttons>
    </div>
  );
}
