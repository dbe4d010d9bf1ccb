/** Name, address and password in one step, because that is how the server takes them: whoever changes them proves
 *  himself with a one-time link of this installation, used within the hour or given here. */

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { identitySetup } from "../api/generated/sdk.gen";
import type { Me } from "../api/generated/types.gen";
import { ApiError, rememberCsrf } from "../lib/http";
import { t } from "../lib/message";
import { notify } from "../lib/notices";
import { meQuery } from "../lib/queries";
import { Form } from "../ui/form";
import { linkProof } from "./link-proof";
import styles from "./settings.module.css";

const FIELDS = ["name", "email", "password"] as const;

export function AccountForm({ me }: { me: Me }) {
  const client = useQueryClient();
  const [name, setName] = useState(me.person.name);
  const [email, setEmail] = useState(me.person.email ?? "");
  const [password, setPassword] = useState("");
  const [link, setLink] = useState("");
  const change = useMutation({
    mutationFn: () =>
      identitySetup({ body: { name: name.trim(), email: email.trim(), password, token: linkProof(link) } }),
    onSuccess: (changed) => {
      rememberCsrf(changed.csrf);
      client.setQueryData(meQuery.queryKey, changed);
      setPassword("");
      setLink("");
      notify("good", t("Account changed"), t("Every other browser that was signed in to it is signed out."));
    },
  });
  const { error } = change;
  const wantsLink = error instanceof ApiError && error.code === "link_needed";
  const about = (field: string) =>
    error instanceof ApiError && error.place?.endsWith(`/${field}`) ? error.message : null;
  const placed = FIELDS.some(about);
  return (
    <div className={styles.narrow}>
      <Form
        label={t("Your account")}
        onSubmit={() => change.mutate()}
        error={placed ? undefined : error}
        buttons={
          <Button type="submit" loading={change.isPending} disabled={!name.trim() || !email.trim() || !password}>
            {t("Save name, address and password")}
          </Button>
        }
      >
        <TextInput
          label={t("Name")}
          autoComplete="name"
          maxLength={100}
          value={name}
          error={about("name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("Email")}
          type="email"
          autoComplete="username"
          maxLength={254}
          value={email}
          error={about("email")}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={me.person.email ? t("New password") : t("Password")}
          description={t("At least 10 characters; several words are good.")}
          autoComplete="new-password"
          maxLength={200}
          value={password}
          error={about("password")}
          visibilityToggleButtonProps={{ "aria-label": t("Show the password") }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <TextInput
          label={t("Sign-in link")}
          description={t(
            "Only needed when you did not come by a link within the last hour: run omc link on the server and paste what it prints.",
          )}
          autoComplete="off"
          spellCheck={false}
          value={link}
          error={wantsLink}
          onChange={(event) => setLink(event.currentTarget.value)}
        />
      </Form>
    </div>
  );
}
