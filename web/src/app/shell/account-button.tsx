/** The account's round button; its menu is loaded when first wanted. */

import { UnstyledButton } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { Me } from "../../lib/contract";
import { t } from "../../lib/message";
import styles from "./account-menu.module.css";
import type { Overlay } from "./shortcuts";

const AccountMenu = lazy(() => import("./account-menu").then((part) => ({ default: part.AccountMenu })));

export function AccountButton({ me, onOpen }: { me: Me; onOpen: (overlay: Overlay) => void }) {
  const [wanted, setWanted] = useState(false);
  const face = {
    className: styles.button ?? "",
    "aria-label": t("{initials}: account of {name}", { initials: initials(me.person.name), name: me.person.name }),
    "aria-haspopup": "menu" as const,
    children: initials(me.person.name),
  };
  const button = <UnstyledButton {...face} onClick={() => setWanted(true)} />;
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <AccountMenu me={me} onOpen={onOpen} face={face} />
    </Suspense>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ""}${words.at(-1)?.[0] ?? ""}` : name.slice(0, 2);
  return letters.toUpperCase();
}
