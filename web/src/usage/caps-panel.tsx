/** The caps: what no call, session, day or month may pass. */

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { vaultSetCaps } from "../api/generated/sdk.gen";
import { typedDollars } from "../lib/dollars";
import { formatDollars } from "../lib/format";
import { explain } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import type { Caps, Usage } from "../lib/vault";
import { capsQuery } from "../lib/vault-api";
import { DollarField } from "../ui/dollar-field";
import { Meter } from "../ui/meter";
import { Panel } from "../ui/panel";
import { ErrorState, LoadingRows } from "../ui/states";
import styles from "./usage.module.css";

export function CapsPanel({ usage }: { usage: Usage | undefined }) {
  const { data, error, refetch } = useQuery(capsQuery);
  return (
    <Panel title={t("Caps")}>
      {data ? (
        <CapsForm key={JSON.stringify(data)} caps={data} usage={usage} />
      ) : error ? (
        <ErrorState error={error} what={t("The caps could not be read.")} retry={refetch} />
      ) : (
        <LoadingRows rows={4} />
      )}
    </Panel>
  );
}

const NAMES = ["per_call", "per_session", "per_day", "per_month"] as const;

function CapsForm({ caps, usage }: { caps: Caps; usage: Usage | undefined }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState(() => typedCaps(caps));
  const next = read(typed);
  const changed = next !== null && NAMES.some((name) => next[name] !== caps[name]);
  const save = useMutation({
    mutationFn: (body: Caps) => vaultSetCaps({ body }),
    onSuccess: async () => {
      notify("good", t("The caps hold from the next call on"));
      await client.invalidateQueries({ queryKey: ["vault"] });
    },
  });
  return (
    <form
      className={styles.caps}
      aria-label={t("Caps")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (next) save.mutate(next);
      }}
    >
      <p className={styles.dim}>
        {t(
          "A call that could pass a cap is not made: its most is reserved before, its real cost settled after. A session that reaches one ends with its work kept and a partial report. Empty is no cap.",
        )}
      </p>
      <div className={styles.fields}>
        {NAMES.map((name) => (
          <div key={name}>
            <DollarField
              label={nameWords(name)}
              placeholder={t("No cap")}
              value={typed[name]}
              onChange={(text) => setTyped({ ...typed, [name]: text })}
            />
            <Used name={name} caps={caps} usage={usage} />
          </div>
        ))}
      </div>
      <p className={styles.trouble} role="alert">
        {save.error ? explain(save.error) : null}
      </p>
      <div className={styles.end}>
        <Button type="submit" loading={save.isPending} disabled={!changed}>
          {t("Keep these caps")}
        </Button>
      </div>
    </form>
  );
}

function Used({ name, caps, usage }: { name: keyof Caps; caps: Caps; usage: Usage | undefined }) {
  if (name !== "per_day" && name !== "per_month") return null;
  const limit = caps[name];
  const standing = name === "per_day" ? usage?.today : usage?.month;
  if (limit === null || standing === undefined) return <div className={styles.used} />;
  return (
    <div className={styles.used}>
      <Meter label={nameWords(name)} spent={standing.spent} reserved={standing.reserved} limit={limit} />
      <span>{t("{spent} of {limit}", { spent: formatDollars(standing.spent), limit: formatDollars(limit) })}</span>
    </div>
  );
}

function nameWords(name: keyof Caps): string {
  switch (name) {
    case "per_call":
      return t("One call");
    case "per_session":
      return t("One session");
    case "per_day":
      return t("One day");
    case "per_month":
      return t("One month");
  }
}

type Typed = Record<keyof Caps, string>;

function typedCaps(caps: Caps): Typed {
  return {
    per_call: caps.per_call ?? "",
    per_session: caps.per_session ?? "",
    per_day: caps.per_day ?? "",
    per_month: caps.per_month ?? "",
  };
}

/** Null while one of them cannot be read. */
function read(typed: Typed): Caps | null {
  const [per_call, per_session, per_day, per_month] = NAMES.map((name) => typedDollars(typed[name]));
  if (per_call === undefined || per_session === undefined || per_day === undefined || per_month === undefined)
    return null;
  return { per_call, per_session, per_day, per_month };
}
