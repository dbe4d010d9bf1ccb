/** Puts a bug report's facts on the clipboard; where a browser forbids that, shows them to be copied by hand. */

import { Button, Textarea } from "@mantine/core";
import { IconClipboardText } from "@tabler/icons-react";
import { useState } from "react";
import type { Status } from "../lib/contract";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { Buttons, Dialog } from "../ui/dialog";
import { diagnosis } from "./diagnosis";

export function CopyDiagnosis({ status, readAt }: { status: Status | undefined; readAt: number }) {
  const [shown, setShown] = useState<string | null>(null);
  const copy = async () => {
    if (!status) return;
    const text = diagnosis(status, readAt, navigator.userAgent);
    try {
      await navigator.clipboard.writeText(text);
      notify("good", t("Diagnosis copied"), t("Version, parts, queue and browser. No names, ids or secrets."));
    } catch {
      setShown(text);
    }
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconClipboardText size={16} aria-hidden="true" />}
        disabled={!status}
        onClick={() => void copy()}
      >
        {t("Copy diagnosis")}
      </Button>
      <Dialog title={t("Diagnosis")} opened={shown !== null} onClose={() => setShown(null)} size="lg">
        <Textarea
          label={t("Your browser keeps the clipboard closed. Copy this text by hand:")}
          value={shown ?? ""}
          readOnly
          rows={12}
          data-autofocus
          onFocus={(event) => event.currentTarget.select()}
        />
        <Buttons>
          <Button variant="default" onClick={() => setShown(null)}>
            {t("Close")}
          </Button>
        </Buttons>
      </Dialog>
    </>
  );
}
