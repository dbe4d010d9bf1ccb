/** Who answers the session: the model, its settings, what it may cost, and who goes on when it fails. */

import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { choiceOf, fitting, needsPrice } from "../lib/choices";
import { formatDollars } from "../lib/format";
import { t } from "../lib/message";
import type { Choice } from "../lib/vault";
import { capsQuery, estimateQuery, presetsQuery } from "../lib/vault-api";
import { DollarField } from "../ui/dollar-field";
import { LinkButton } from "../ui/link-button";
import { ModelSelect } from "../ui/model-select";
import { Panel } from "../ui/panel";
import { PriceDialog } from "../ui/price-dialog";
import styles from "./new-session.module.css";
import { estimateWords, heirs, isRules, type Means, unpriced } from "./session-form";

type MeansPanelProps = { choices: readonly Choice[]; means: Means; onChange: (change: Partial<Means>) => void };

export function MeansPanel({ choices, means, onChange }: MeansPanelProps) {
  const choice = choiceOf(choices, means.model);
  const own = choices.some((each) => each.credential_id !== null);
  return (
    <Panel
      title={t("Who answers")}
      end={
        <LinkButton variant="subtle" size="compact-sm" to={own ? "/ai/models" : "/ai/keys"}>
          {own ? t("Compare models") : t("Use your own model")}
        </LinkButton>
      }
    >
      <div className={styles.fields}>
        <ModelSelect
          label={t("Model")}
          description={modelNote(choice)}
          choices={choices}
          value={means.model}
          onChange={(model) => onChange({ model, preset: null })}
        />
        {choice && needsPrice(choice) ? <Unpriced choice={choice} /> : null}
        {choice && !isRules(choice) ? (
          <Settings choices={choices} choice={choice} means={means} onChange={onChange} />
        ) : null}
      </div>
    </Panel>
  );
}

function Settings({ choices, choice, means, onChange }: MeansPanelProps & { choice: Choice }) {
  const presets = fitting(useQuery(presetsQuery).data ?? [], choice);
  const caps = useQuery(capsQuery).data;
  const others = heirs(choices, means.model);
  return (
    <>
      <Select
        label={t("Preset")}
        description={presets.length > 0 ? t("Its temperature, length and effort.") : t("None is kept for it yet.")}
        placeholder={t("The model's own settings")}
        data={presets.map((preset) => ({ value: preset.id, label: preset.name }))}
        disabled={presets.length === 0}
        clearable
        value={means.preset}
        onChange={(preset) => onChange({ preset })}
      />
      <DollarField
        label={t("Spend cap")}
        description={t("No call is made that could pass it.")}
        placeholder={
          caps?.per_session
            ? t("{cap} as for every session", { cap: formatDollars(caps.per_session) })
            : t("No cap of its own")
        }
        value={means.cap}
        onChange={(cap) => onChange({ cap })}
      />
      <ModelSelect
        label={t("If the model fails")}
        description={
          others.length > 0
            ? t("After three tries; empty stops it and says so.")
            : t("There is no other model to go on with.")
        }
        choices={others}
        clearable
        placeholder={t("Stop the session")}
        value={means.fallback === means.model ? null : means.fallback}
        onChange={(fallback) => onChange({ fallback })}
      />
      <Estimated choice={choice} />
    </>
  );
}

function Estimated({ choice }: { choice: Choice }) {
  const { data, isError } = useQuery(estimateQuery(choice));
  return (
    <div className={styles.estimate}>
      <span className={styles.estimateName}>{t("Similar sessions")}</span>
      <span role="status">
        {data
          ? estimateWords(data, choice)
          : isError
            ? t("The estimate could not be read.")
            : t("Looking at past sessions…")}
      </span>
      {choice.free ? <span className={styles.estimateName}>{t("You declared this server free.")}</span> : null}
    </div>
  );
}

/** The way out stands where the trouble is: nothing that was written is lost. */
function Unpriced({ choice }: { choice: Choice }) {
  const [asking, setAsking] = useState(false);
  return (
    <div className={styles.unpriced}>
      <span role="status">{unpriced(choice)}</span>
      <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
        {t("Enter its price")}
      </Button>
      <PriceDialog
        row={asking ? { credential_id: choice.credential_id, model: choice.id, price: null } : null}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

function modelNote(choice: Choice | undefined): string {
  if (!choice) return t("The built-in analyst needs no key.");
  return isRules(choice)
    ? t("Fixed rules, not AI: the same question gets the same answer.")
    : t("With your key {name}.", { name: choice.credential ?? "" });
}
