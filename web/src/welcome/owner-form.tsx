/** The owner's account, in one form that can be skipped. */

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { identitySetup } from "../api/generated/sdk.gen";
import { ApiError } from "../lib/http";
import { t } from "../lib/message";
import { welcome } from "../lib/session";
import { Form } from "../ui/form";
import { Gate } from "../ui/gate";
import { LinkButton } from "../ui/link-button";

export function OwnerForm() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const setup = useMutation({
    mutationFn: () => identitySetup({ body: { name: name.trim(), email: email.trim(), password } }),
    onSuccess: async (me) => {
      welcome(client, me);
      await navigate({ to: "/welcome", search: { step: "start" } });
    },
  });
  const about = (field: string) =>
    setup.error instanceof ApiError && setup.error.place?.endsWith(`/${field}`) ? setup.error.message : null;
  const placed = ["name", "email", "password"].some(about);
  return (
    <Gate
      title={t("Make your account")}
      lead={t("So that you can sign in without a link. It stays on this machine; nothing is sent anywhere.")}
    >
      <Form
        label={t("Your account")}
        onSubmit={() => setup.mutate()}
        error={placed ? undefined : setup.error}
        buttons={
          <>
            <LinkButton to="/welcome" search={{ step: "start" }} variant="subtle" color="gray">
              {t("Skip for now")}
            </LinkButton>
            <Button type="submit" loading={setup.isPending} disabled={!name.trim() || !email.trim() || !password}>
              {t("Make the account")}
            </Button>
          </>
        }
      >
        <TextInput
          label={t("Name")}
          autoComplete="name"
          value={name}
          error={about("name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("Email")}
          type="email"
          autoComplete="username"
          value={email}
          error={about("email")}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("Password")}
          description={t("Several words are good; a password manager is better.")}
          autoComplete="new-password"
          value={password}
          error={about("password")}
          visibilityToggleButtonProps={{ "aria-label": t("Show the password") }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </Form>
    </Gate>
  );
}
