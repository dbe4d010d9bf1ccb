/** Makes, changes or removes a preset. */

import { Button, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { vaultAddPreset, vaultChangePreset, vaultDeletePreset } from "../api/generated/sdk.gen";
import { choiceKey, choiceOf } from "../lib/choices";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { EFFORTS, type Effort, type NewPreset, type Preset } from "../lib/vault";
import { choicesQuery } from "../lib/vault-api";
import { Dialog } from "../ui/dialog";
import { Form } from "../ui/form";
import { ModelSelect } from "../ui/model-select";
import styles from "./models.module.css";
import { numberTrouble, readPreset, type TypedPreset, typedPreset } from "./preset-rules";

type PresetDialogProps = { editing: Preset | "new" | null; onClose: () => void };

export function PresetDialog({ editing, onClose }: PresetDialogProps) {
  const known = editing === "new" ? null : editing;
  return (
    <Dialog
      title={known ? t("Change {name}", { name: known.name }) : t("New preset")}
      opened={editing !== null}
      onClose={onClose}
    >
      {editing ? <PresetForm preset={known} onClose={onClose} /> : null}
    </Dialog>
  );
}

function PresetForm({ preset, onClose }: { preset: Preset | null; onClose: () => void }) {
  const client = useQueryClient();
  const choices = (useQuery(choicesQuery).data ?? []).filter((choice) => choice.kind !== "rules");
  const [typed, setTyped] = useState(() => typedPreset(preset));
  const body = readPreset(typed);
  const write = (change: Partial<TypedPreset>) => setTyped({ ...typed, ...change });
  const model = typed.model && typed.credential_id ? { credential_id: typed.credential_id, id: typed.model } : null;
  const done = async (title: string) => {
    notify("good", title);
    await client.invalidateQueries({ queryKey: ["vault", "presets"] });
    onClose();
  };
  const save = useMutation({
    mutationFn: (next: NewPreset) =>
      preset ? vaultChangePreset({ path: { preset_id: preset.id }, body: next }) : vaultAddPreset({ body: next }),
    onSuccess: (_, next) => done(t("The preset {name} is kept", { name: next.name })),
  });
  const drop = useMutation({
    mutationFn: (gone: Preset) => vaultDeletePreset({ path: { preset_id: gone.id } }),
    onSuccess: (_, gone) => done(t("The preset {name} is removed", { name: gone.name })),
  });
  return (
    <Form
      label={t("Preset")}
      error={save.error ?? drop.error}
      onSubmit={() => {
        if (body) save.mutate(body);
      }}
      buttons={
        <>
          {preset ? (
            <Button variant="subtle" color="orange" loading={drop.isPending} onClick={() => drop.mutate(preset)}>
              {t("Remove it")}
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!body}>
            {t("Keep the preset")}
          </Button>
        </>
      }
    >
      <TextInput
        label={t("Name")}
        placeholder={t("careful")}
        autoComplete="off"
        maxLength={80}
        data-autofocus
        value={typed.name}
        onChange={(event) => write({ name: event.currentTarget.value })}
      />
      <ModelSelect
        label={t("Model")}
        description={t("Empty fits any model.")}
        choices={choices}
        clearable
        placeholder={t("Any model")}
        value={model ? choiceKey(model) : null}
        onChange={(key) => {
          const chosen = choiceOf(choices, key);
          write({ credential_id: chosen?.credential_id ?? null, model: chosen?.id ?? null });
        }}
      />
      <div className={styles.prices}>
        <NumberText
          label={t("Temperature")}
          most={2}
          value={typed.temperature}
          onChange={(temperature) => write({ temperature })}
        />
        <NumberText label={t("Top-p")} most={1} value={typed.top_p} onChange={(top_p) => write({ top_p })} />
        <NumberText
          label={t("Max tokens of an answer")}
          most={1_000_000}
          whole
          value={typed.max_tokens}
          onChange={(max_tokens) => write({ max_tokens })}
        />
        <Select
          label={t("Reasoning effort")}
          placeholder={t("Provider's own")}
          data={[...EFFORTS]}
          clearable
          value={typed.effort}
          onChange={(effort) => write({ effort: effort as Effort | null })}
        />
      </div>
    </Form>
  );
}

type NumberTextProps = {
  label: string;
  most: number;
  whole?: boolean;
  value: string;
  onChange: (typed: string) => void;
};

function NumberText({ label, most, whole = false, value, onChange }: NumberTextProps) {
  return (
    <TextInput
      label={label}
      placeholder={t("Provider's own")}
      inputMode={whole ? "numeric" : "decimal"}
      autoComplete="off"
      maxLength={12}
      value={value}
      error={numberTrouble(value, { most, whole })}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
