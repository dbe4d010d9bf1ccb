/** The first page: spends the one-time link, offers to make the owner's account, then starts the first research session. */

import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useLocation, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "../lib/http";
import { t } from "../lib/message";
import { meQuery } from "../lib/queries";
import { Gate } from "../ui/gate";
import { LinkButton } from "../ui/link-button";
import { ErrorState, LoadingRows } from "../ui/states";
import { FirstSession } from "./first-session";
import { OwnerForm } from "./owner-form";
import { useLink } from "./use-link";
import styles from "./welcome.module.css";

export function WelcomeScreen(): ReactNode {
  const { pathname, hash } = useLocation();
  const token = pathname === "/link" ? decodeURIComponent(hash) : "";
  return token ? <LinkGate token={token} /> : <Start />;
}

function LinkGate({ token }: { token: string }) {
  const link = useLink(token);
  if (link.data) return <Navigate to="/welcome" replace search={link.data.needs_owner ? {} : { step: "start" }} />;
  if (!link.error) {
    return (
      <Gate title={t("Signing you in")}>
        <LoadingRows rows={2} />
      </Gate>
    );
  }
  // Too many tries, or no answer: the link itself is still good.
  const mayPass = link.error instanceof ApiError && (link.error.status === 0 || link.error.status === 429);
  return (
    <Gate title={mayPass ? t("You are not signed in yet") : t("This link does not work any more")}>
      <ErrorState
        error={link.error}
        what={mayPass ? t("The link was not used up.") : t("A link works once, for half an hour.")}
        retry={mayPass ? link.refetch : undefined}
      />
      <p className={styles.hint}>
        {t("To print a new one, run this on the machine where OMC runs:")} <Code>omc link</Code>
      </p>
    </Gate>
  );
}

function Start() {
  const me = useQuery(meQuery);
  const { step } = useSearch({ strict: false });
  if (me.error) return <Stranger />;
  if (!me.data) {
    return (
      <Gate title={t("Welcome to OMC")}>
        <LoadingRows rows={3} />
      </Gate>
    );
  }
  return me.data.needs_owner && step !== "start" ? <OwnerForm /> : <FirstSession />;
}

function Stranger() {
  return (
    <Gate title={t("Welcome to OMC")} lead={t("Open the one-time link that OMC printed when it started.")}>
      <p className={styles.hint}>
        {t("Closed that window? Print a new link on the machine where OMC runs:")} <Code>omc link</Code>
      </p>
      <LinkButton to="/login" variant="default" fullWidth mt={18}>
        {t("Sign in with a password")}
      </LinkButton>
    </Gate>
  );
}
