/** Makes a token and shows it for the only time. */

import { Button, Checkbox, CopyButton, Select, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { identityCreateToken } from "../api/generated/sdk.gen";
import type { Scope } from "../lib/contract";
import { t } from "../lib/message";
import { Buttons, Dialog } from "../ui/dialog";
import { Form } from "../ui/form";
import styles from "./settings.module.css";

const SCOPES: readonly { value: Scope; label: string; text: string }[] = [
  { value: "read", label: t("Read"), text: t("everything in this workspace") },
  { value: "write", label: t("Write"), text: t("import data, run backtests and research") },
  { value: "trade", label: t("Trade"), text: t("approve for paper, start and stop") },
  { value: "admin", label: t("Administer"), text: t("make and end tokens") },
];

const LIVES = [
  { value: "7", label: t("7 days") },
  { value: "30", label: t("30 days") },
  { value: "90", label: t("90 days") },
  { value: "365", label: t("1 year") },
];

type NewTokenDialogProps = { onClose: () => void; onMade: () => unknown };

export function NewTokenDialog({ onClose, onMade }: NewTokenDialogProps) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [life, setLife] = useState("90");
  const make = useMutation({
    mutationFn: () =>
      identityCreateToken({ body: { name: name.trim(), scopes: scopes as Scope[], life_days: Number(life) } }),
    onSuccess: () => onMade(),
  });
  if (make.data) return <Shown token={make.data.token} onClose={onClose} />;
  return (
    <Dialog opened title={t("New API token")} onClose={onClose}>
      <Form
        label={t("New API token")}
        onSubmit={() => make.mutate()}
        error={make.error}
        buttons={
          <>
            <Button variant="default" onClick={onClose}>
              {t("Cancel")}
            </Button>
            <Button type="submit" loading={make.isPending} disabled={!name.trim() || scopes.length === 0}>
              {t("Make the token")}
            </Button>
          </>
        }
      >
        <TextInput
          label={t("Name")}
          description={t("What uses it, such as: notebook")}
          value={name}
          data-autofocus=""
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group label={t("May")} value={scopes} onChange={setScopes}>
          <div className={styles.choices}>
            {SCOPES.map((scope) => (
              <Checkbox key={scope.value} value={scope.value} label={`${scope.label}: ${scope.text}`} />
            ))}
          </div>
        </Checkbox.Group>
        <Select label={t("Ends after")} data={LIVES} value={life} onChange={(value) => setLife(value ?? "90")} />
      </Form>
    </Dialog>
  );
}

function Shown({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Dialog opened title={t("Your new token")} onClose={onClose}>
      <p>{t("Copy it now: it is shown this once, and only its hash is kept.")}</p>
      <p className={styles.token}>{token}</p>
      <Buttons>
        <CopyButton value={token}>
          {({ copied, copy }) => (
            <Button
              leftSection={
                copied ? <IconCheck size={16} aria-hidden="true" /> : <IconCopy size={16} aria-hidden="true" />
              }
              onClick={copy}
              data-autofocus=""
            >
              {copied ? t("Copied") : t("Copy")}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={onClose}>
          {t("Done")}
        </Button>
      </Buttons>
    </Dialog>
  );
}
