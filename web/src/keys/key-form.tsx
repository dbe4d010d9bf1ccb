/** The fields for a new key, its test, and the buttons. */

import { Anchor, Button, Checkbox, TextInput } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "../lib/message";
import type { ProviderRow } from "../lib/vault";
import { DollarField } from "../ui/dollar-field";
import { AddressField, GatewayField } from "./address-field";
import { FailureBox } from "./failure-box";
import { KeyInput } from "./key-input";
import styles from "./keys.module.css";
import { ProviderCards } from "./provider-cards";
import { needsAddress, shortLabel } from "./provider-rules";
import { RefusalLine } from "./refusal-line";
import { TestSteps } from "./test-steps";
import type { KeyForm } from "./use-key-form";
import { mustWait, type Trial } from "./use-trial";

type KeyFormViewProps = { form: KeyForm; providers: readonly ProviderRow[]; onCancel: () => void };

export function KeyFormView({ form, providers, onCancel }: KeyFormViewProps) {
  const { entries, field, asked, trouble, trial } = form;
  const { provider } = entries;
  const [wished, setGateway] = useState(false);
  const gateway = wished || entries.address !== "";
  const missing = asked && provider.needs_key && field.empty && !field.judgement.trouble;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void form.save();
  };
  return (
    <form className={styles.form} aria-label={t("Add a provider key")} onSubmit={submit} noValidate autoComplete="off">
      {/* What is being saved is not changed meanwhile. */}
      <fieldset className={styles.fields} disabled={trial.busy === "save"}>
        <ProviderCards providers={providers} chosen={provider} onPick={form.pick} />
        {needsAddress(provider) ? <AddressField form={form} /> : null}
        <KeyInput
          label={provider.needs_key ? t("API key") : t("API key, if the server asks for one")}
          provider={provider}
          field={missing ? { ...field, judgement: { trouble: t("Paste the key first."), other: null } } : field}
          onSwitch={form.follow}
        />
        <div className={styles.links}>
          <KeyPage provider={provider} />
          {needsAddress(provider) || gateway ? null : (
            <button type="button" className={styles.plain} onClick={() => setGateway(true)}>
              {t("Calls go through a gateway")}
            </button>
          )}
        </div>
        {gateway && !needsAddress(provider) ? <GatewayField form={form} /> : null}
        <div className={styles.pair}>
          <TextInput
            label={t("Name")}
            autoComplete="off"
            maxLength={80}
            value={entries.name}
            error={trouble === "name" ? t("Give it a name.") : null}
            onChange={(event) => form.write({ name: event.currentTarget.value })}
          />
          <DollarField
            label={t("Monthly budget")}
            placeholder={entries.free ? t("Costs nothing") : t("No cap")}
            value={entries.free ? "" : entries.budget}
            disabled={entries.free}
            onChange={(budget) => form.write({ budget })}
          />
        </div>
        <Checkbox
          label={t("Use it as the default for new sessions")}
          checked={entries.makeDefault}
          onChange={(event) => form.write({ makeDefault: event.currentTarget.checked })}
        />
      </fieldset>
      <Outcome trial={trial} provider={provider} />
      <FormButtons form={form} onCancel={onCancel} />
    </form>
  );
}

function Outcome({ trial, provider }: { trial: Trial; provider: ProviderRow }) {
  const { busy, test, wait, error, until } = trial;
  return (
    <>
      {busy || test ? <TestSteps test={test ?? undefined} /> : null}
      {test?.failure ? <FailureBox failure={test.failure} provider={provider} wait={wait} /> : null}
      <Notes notes={test?.notes} />
      <RefusalLine error={error} until={until} />
    </>
  );
}

function FormButtons({ form, onCancel }: { form: KeyForm; onCancel: () => void }) {
  const { busy, test } = form.trial;
  const failed = test !== null && !test.ok;
  return (
    <div className={styles.buttons}>
      <Button
        variant="subtle"
        leftSection={<IconPlugConnected size={16} aria-hidden="true" />}
        loading={busy === "test"}
        disabled={busy === "save" || mustWait(form.trial, "test")}
        onClick={() => void form.test()}
      >
        {t("Test connection")}
      </Button>
      <span className={styles.grow} />
      {failed ? (
        <Button
          variant="default"
          disabled={busy !== null || form.trial.held === "save"}
          onClick={() => void form.save(true)}
        >
          {t("Save anyway")}
        </Button>
      ) : (
        <Button variant="default" onClick={onCancel}>
          {t("Cancel")}
        </Button>
      )}
      <Button type="submit" loading={busy === "save"} disabled={busy === "test" || mustWait(form.trial, "save")}>
        {failed ? t("Try again and save") : t("Save and test")}
      </Button>
      {failed ? (
        <p className={styles.hint}>
          {t("Saved anyway it is marked “Not tested”: never the default, never chosen by itself.")}
        </p>
      ) : null}
    </div>
  );
}

function KeyPage({ provider }: { provider: ProviderRow }) {
  if (!provider.key_page || !provider.needs_key) return provider.help ? <span>{provider.help}</span> : null;
  return (
    <span>
      {t("No key yet?")}{" "}
      <Anchor href={provider.key_page} target="_blank" rel="noreferrer noopener" inherit>
        {t("Make one at {provider}", { provider: shortLabel(provider) })}
      </Anchor>
    </span>
  );
}

export function Notes({ notes }: { notes: readonly string[] | undefined }) {
  if (!notes?.length) return null;
  return (
    <ul className={styles.notes}>
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
