/** Puts a new key in an old one's place: the old one serves until the new one has passed its test. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { vaultRotateCredential } from "../api/generated/sdk.gen";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import type { KeyMark, ProviderRow } from "../lib/vault";
import { providersQuery } from "../lib/vault-api";
import { ErrorState, LoadingRows } from "../ui/states";
import { FailureBox } from "./failure-box";
import { KeyInput } from "./key-input";
import styles from "./keys.module.css";
import { RefusalLine } from "./refusal-line";
import { TestSteps } from "./test-steps";
import type { KeyFormProps } from "./use-fresh-keys";
import { useKeyField } from "./use-key-field";
import { useTrial } from "./use-trial";

export function RotateForm(props: KeyFormProps) {
  const { data, error, refetch } = useQuery(providersQuery);
  const provider = data?.items.find((row) => row.id === props.credential.provider);
  if (data && provider) return <Filled {...props} marks={data.marks} provider={provider} />;
  if (error) return <ErrorState error={error} what={t("The provider's row could not be read.")} retry={refetch} />;
  return <LoadingRows rows={4} />;
}

type FilledProps = KeyFormProps & { marks: readonly KeyMark[]; provider: ProviderRow };

function Filled({ credential, marks, provider, onDone, onClose }: FilledProps) {
  const { trial, begin, failed, forget } = useTrial();
  const field = useKeyField({ marks, provider, ownAddress: credential.base_url !== null, onChange: forget });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { key, judgement } = field.read();
    if (!key || judgement.trouble) return field.input.current?.focus();
    begin("save");
    try {
      const { credential: after } = await vaultRotateCredential({
        path: { credential_id: credential.id },
        body: { key },
      });
      field.clear();
      notify("good", t("{name} is rotated", { name: after.name }), t("Sessions under way go on with the new key."));
      onDone();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <form className={styles.form} aria-label={t("Rotate a key")} onSubmit={(event) => void submit(event)} noValidate>
      <p>
        {t(
          "The new key is tested first. Only when it works does it take the place of {hint}; sessions go on unbroken.",
          {
            hint: credential.hint || t("the old one"),
          },
        )}
      </p>
      <KeyInput label={t("New key")} provider={provider} field={field} />
      {trial.busy || trial.test ? <TestSteps test={trial.test ?? undefined} /> : null}
      {trial.test?.failure ? <FailureBox failure={trial.test.failure} provider={provider} wait={trial.wait} /> : null}
      <RefusalLine error={trial.error} until={trial.until} />
      {trial.error || trial.test ? (
        <p className={styles.hint}>{t("The old key still serves; nothing was changed.")}</p>
      ) : null}
      <div className={styles.buttons}>
        <span className={styles.grow} />
        <Button variant="default" onClick={onClose}>
          {t("Cancel")}
        </Button>
        <Button type="submit" loading={trial.busy !== null} disabled={field.empty || trial.wait > 0}>
          {t("Test and rotate")}
        </Button>
      </div>
    </form>
  );
}
