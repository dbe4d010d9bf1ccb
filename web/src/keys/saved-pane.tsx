/** A key was saved: how its test went, and the next step, which is choosing a model. */

import { Button, Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { vaultSetDefault } from "../api/generated/sdk.gen";
import { explain } from "../lib/http";
import { plural, t } from "../lib/message";
import { notify } from "../lib/notices";
import type { Credential, SavedCredential } from "../lib/vault";
import { LinkButton } from "../ui/link-button";
import { Notes } from "./key-form";
import styles from "./keys.module.css";
import { TestSteps } from "./test-steps";

type SavedPaneProps = { answer: SavedCredential; onAnother: () => void; onClose: () => void };

export function SavedPane({ answer, onAnother, onClose }: SavedPaneProps) {
  const { credential, notes, test } = answer;
  const works = credential.state === "working";
  const count = credential.models.length;
  return (
    <div className={styles.form}>
      <p>
        {works
          ? plural(count, "It works, and {count} model answers to it.", "It works, and {count} models answer to it.")
          : t("It is kept as “Not tested”. Test it again from its row when what was wrong is mended.")}
      </p>
      <TestSteps test={test} />
      <Notes notes={[...new Set([...notes, ...test.notes])]} />
      {works && count > 0 ? <PickDefault credential={credential} /> : null}
      <div className={styles.buttons}>
        <Button variant="subtle" onClick={onAnother}>
          {t("Add another")}
        </Button>
        <span className={styles.grow} />
        <Button variant="default" onClick={onClose}>
          {t("Done")}
        </Button>
        {works ? (
          <LinkButton to="/ai/models" data-autofocus>
            {t("Compare models")}
          </LinkButton>
        ) : null}
      </div>
    </div>
  );
}

function PickDefault({ credential }: { credential: Credential }) {
  const client = useQueryClient();
  const [model, setModel] = useState(credential.is_default ? credential.default_model : null);
  const [busy, setBusy] = useState(false);
  const use = async (next: string | null) => {
    if (!next) return;
    setBusy(true);
    try {
      await vaultSetDefault({ body: { credential_id: credential.id, model: next } });
      setModel(next);
      await client.invalidateQueries({ queryKey: ["vault"] });
      await client.invalidateQueries({ queryKey: ["models"] });
    } catch (error) {
      notify("bad", t("The default was not changed"), explain(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Select
      label={t("Default for new sessions")}
      description={t("Each session can still choose another.")}
      placeholder={t("Choose a model of this key")}
      data={credential.models}
      searchable={credential.models.length > 8}
      limit={80}
      value={model}
      disabled={busy}
      onChange={(next) => void use(next)}
    />
  );
}
