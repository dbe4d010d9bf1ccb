/** Where an OpenAI-compatible server answers, and whether its calls cost something. */

import { Button, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { t } from "../lib/message";
import styles from "./keys.module.css";
import { addressTrouble, LOCAL_SERVERS } from "./local-servers";
import type { KeyForm } from "./use-key-form";

export function AddressField({ form }: { form: KeyForm }) {
  const { entries, asked } = form;
  const [left, setLeft] = useState(false);
  return (
    <div className={styles.address}>
      <TextInput
        label={t("Address")}
        description={t("Where the server answers, up to and with /v1.")}
        placeholder="http://127.0.0.1:11434/v1"
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        maxLength={500}
        value={entries.address}
        error={asked || (left && entries.address) ? addressTrouble(entries.address) : null}
        onBlur={() => setLeft(true)}
        onChange={(event) => {
          setLeft(false);
          form.write({ address: event.currentTarget.value });
        }}
      />
      <div className={styles.servers}>
        {LOCAL_SERVERS.map((server) => (
          <Button
            key={server.name}
            variant={entries.address === server.address ? "light" : "default"}
            size="compact-xs"
            title={`${server.address}, ${server.note}`}
            aria-pressed={entries.address === server.address}
            onClick={() => form.write({ address: server.address, name: server.name, free: server.free })}
          >
            {server.name}
          </Button>
        ))}
      </div>
      <Switch
        label={t("This server costs nothing")}
        description={t("You declare its price zero. Without it a model with an unknown price cannot run a session.")}
        checked={entries.free}
        onChange={(event) => form.write({ free: event.currentTarget.checked })}
      />
    </div>
  );
}

/** For calls that go through a gateway of one's own. */
export function GatewayField({ form }: { form: KeyForm }) {
  const { entries, trouble } = form;
  return (
    <TextInput
      label={t("Gateway address")}
      description={t("Empty is the provider's own: {address}", { address: entries.provider.base_url ?? "" })}
      placeholder="https://gateway.example.com/v1"
      type="url"
      inputMode="url"
      autoComplete="off"
      spellCheck={false}
      maxLength={500}
      value={entries.address}
      error={trouble === "address" ? addressTrouble(entries.address) : null}
      onChange={(event) => form.write({ address: event.currentTarget.value })}
    />
  );
}
