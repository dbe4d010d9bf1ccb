/** Keeps the document as the next version of a strategy; the same document again is the version that there is. */

import { Button, TextInput } from "@mantine/core";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { engineSaveVersion } from "../api/generated/sdk.gen";
import type { Version } from "../lib/contract";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Form } from "../ui/form";
import { LinkButton } from "../ui/link-button";
import { Panel } from "../ui/panel";
import type { Twin } from "./check-panel";
import styles from "./editor.module.css";
import type { Draft } from "./use-draft";

type SavePanelProps = {
  draft: Draft;
  /** Of the strategy that is edited; null for one that is new: then it is the document's. */
  name: string | null;
  twin: Twin | null;
  onSaved: (version: Version) => void;
};

export function SavePanel({ draft, name, twin, onSaved }: SavePanelProps) {
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { told } = draft.check;
  const own = typeof draft.document?.name === "string" ? draft.document.name : "";
  const wanted = (typed ?? name ?? own).trim();
  const isThere = twin !== null && twin.strategy.name === wanted;
  const save = async () => {
    if (!(told?.ok && told.document) || isThere || sending) return;
    setSending(true);
    setError(null);
    try {
      const version = await engineSaveVersion({ body: { name: wanted || null, document: told.document } });
      await client.invalidateQueries({
        queryKey: ["strategies"],
        predicate: ({ queryKey }) => queryKey[1] !== "inspect",
      });
      notify("good", t("Version {number} of {name} is kept", { number: version.number, name: version.name }));
      onSaved(version);
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  return (
    <Panel title={t("Keep it")}>
      <Form
        label={t("Keep it as a version")}
        onSubmit={() => void save()}
        error={error}
        buttons={
          isThere ? (
            <LinkButton
              to="/strategies/$strategy"
              params={{ strategy: twin.strategy.id }}
              search={{ version: twin.version.id }}
              variant="default"
            >
              {t("Open version {number}", { number: twin.version.number })}
            </LinkButton>
          ) : (
            <Button
              type="submit"
              leftSection={<IconDeviceFloppy size={16} aria-hidden="true" />}
              disabled={!told?.ok}
              loading={sending}
            >
              {t("Save as a new version")}
            </Button>
          )
        }
      >
        <TextInput
          label={t("Strategy")}
          description={t("Versions are kept under this name; another name is another strategy.")}
          maxLength={80}
          autoComplete="off"
          value={typed ?? name ?? own}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <p className={styles.note}>{reason(draft, isThere ? twin : null)}</p>
      </Form>
    </Panel>
  );
}

function reason({ check }: Draft, twin: Twin | null): string {
  if (twin) return t("Nothing to save: this is the same as version {number}.", { number: twin.version.number });
  if (!check.told) return t("It can be saved once it is checked.");
  if (!check.told.ok) return t("It can be saved once its problems are mended.");
  return t("Versions never change: this one gets the next number.");
}
