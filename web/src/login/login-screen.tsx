/** Sign in with email and password; without an account yet, how to get in. */

import { Button, Code, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { identityLogin, identitySetupState } from "../api/generated/sdk.gen";
import { t } from "../lib/message";
import { welcome } from "../lib/session";
import { Form } from "../ui/form";
import { Gate } from "../ui/gate";
import styles from "./login.module.css";

const route = getRouteApi("/login");

export function LoginScreen() {
  const setup = useQuery({ queryKey: ["setup"], queryFn: ({ signal }) => identitySetupState({ signal }) });
  return (
    <Gate title={t("Sign in")} lead={t("With the email address and password of your account.")}>
      <LoginForm />
      <p className={styles.help}>
        {setup.data?.needs_owner ? t("No account has been made here yet.") : t("Forgot the password, or no account?")}{" "}
        {t("Run this on the machine where OMC runs, and open the link it prints:")} <Code>omc link</Code>
      </p>
    </Gate>
  );
}

function LoginForm() {
  const { next } = route.useSearch();
  const client = useQueryClient();
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => identityLogin({ body: { email: email.trim(), password } }),
    onSuccess: async (me) => {
      welcome(client, me);
      await router.navigate({ href: inside(next) });
    },
  });
  return (
    <Form
      label={t("Sign in")}
      onSubmit={() => login.mutate()}
      error={login.error}
      buttons={
        <Button type="submit" fullWidth loading={login.isPending} disabled={!email.trim() || !password}>
          {t("Sign in")}
        </Button>
      }
    >
      <TextInput
        label={t("Email")}
        type="email"
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("Password")}
        autoComplete="current-password"
        value={password}
        visibilityToggleButtonProps={{ "aria-label": t("Show the password") }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </Form>
  );
}

/** Only an address of our own: another site must not be able to send people on from here. */
function inside(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/overview";
}
