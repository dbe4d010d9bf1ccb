/** Who is signed in, and the way out. */

import { Menu, UnstyledButton, type UnstyledButtonProps } from "@mantine/core";
import { IconKeyboard, IconLogout, IconSettings } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Me } from "../../lib/contract";
import { explain, post } from "../../lib/http";
import { t } from "../../lib/message";
import { notify } from "../../lib/notices";
import styles from "./account-menu.module.css";
import type { Overlay } from "./shortcuts";

type AccountMenuProps = {
  me: Me;
  face: UnstyledButtonProps & { children: ReactNode };
  onOpen: (overlay: Overlay) => void;
};

export function AccountMenu({ me, face, onOpen }: AccountMenuProps) {
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // It stands in for the button that was pressed, and so takes its focus before it opens.
    button.current?.focus();
    setOpened(true);
  }, []);
  const signOut = async () => {
    try {
      await post("/identity/logout");
    } catch (error) {
      notify("bad", t("You are still signed in"), explain(error));
      return;
    }
    // A fresh start: nothing of this session stays in memory, no stream stays open.
    window.location.assign("/login");
  };
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={setOpened} returnFocus>
      <Menu.Target>
        <UnstyledButton {...face} ref={button} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.person.name}
          {me.person.email ? <span className={styles.email}>{me.person.email}</span> : null}
        </Menu.Label>
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} />}>
          {t("Settings")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={() => onOpen("keys")}>
          {t("Keyboard")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t("Sign out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
