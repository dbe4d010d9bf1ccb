/** Who is signed in, and the form that gives the account another name, address and password. */

import { useSuspenseQuery } from "@tanstack/react-query";
import { t } from "../lib/message";
import { meQuery } from "../lib/queries";
import { Panel } from "../ui/panel";
import { AccountForm } from "./account-form";
import { SCOPES, scopeWords } from "./scopes";
import styles from "./settings.module.css";

export function AccountSection() {
  const { data: me } = useSuspenseQuery(meQuery);
  const facts = [
    [t("Name"), me.person.name],
    [t("Email"), me.person.email ?? t("None yet: only a one-time link signs you in")],
    [t("Workspace"), me.workspace.name],
    [
      t("You may"),
      SCOPES.filter((scope) => me.scopes.includes(scope))
        .map((scope) => scopeWords(scope).title.toLowerCase())
        .join(", "),
    ],
  ] as const;
  return (
    <>
      <Panel title={t("Profile")}>
        <dl className={styles.facts}>
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      <Panel title={me.person.email ? t("Change name, address and password") : t("Make your account")}>
        <AccountForm key={me.person.id} me={me} />
      </Panel>
    </>
  );
}
