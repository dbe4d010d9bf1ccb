/** The owner's name, email and password. */

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { identitySetup } from "../api/generated/sdk.gen";
import type { Me } from "../lib/contract";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { meQuery } from "../lib/queries";
import { welcome } from "../lib/session";
import { Form } from "../ui/form";
import { Panel } from "../ui/panel";
import styles from "./settings.module.css";

export function AccountTab() {
  const { data: me } = useSuspenseQuery(meQuery);
  return (
    <Panel title={me.needs_owner ? t("Make your account") : t("Your account")}>
      <p className={styles.lead}>
        {me.needs_owner
          ? t("So far you are signed in by a one-time link. With an account you can sign in with a password.")
          : t(
              "To change the name, the email address or the password, sign in with a new one-time link (omc link) and fill in all three.",
            )}
      </p>
      <AccountForm me={me} />
    </Panel>
  );
}

function AccountForm({ me }: { me: Me }) {
  const client = useQueryClient();
  const [name, setName] = useState(me.needs_owner ? "" : me.person.name);
  const [email, setEmail] = useState(me.person.email ?? "");
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () => identitySetup({ body: { name: name.trim(), email: email.trim(), password } }),
    onSuccess: (now) => {
      welcome(client, now);
      void client.invalidateQueries();
      setPassword("");
      notify("good", t("Your account is saved"));
    },
  });
  return (
    <Form
      label={t("Account")}
      onSubmit={() => save.mutate()}
      error={save.error}
      buttons={
        <Button type="submit" loading={save.isPending} disabled={!name.trim() || !email.trim() || !password}>
          {t("Save")}
        </Button>
      }
    >
      <TextInput
        label={t("Name")}
        autoComplete="name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t("Email")}
        type="email"
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("Password")}
        autoComplete="new-password"
        value={password}
        visibilityToggleButtonProps={{ "aria-label": t("Show the password") }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </Form>
  );
}
