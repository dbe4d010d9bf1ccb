/** The frame around every signed-in page: header, rail or bottom tabs, the page itself, and the dialogs reachable from anywhere. */

import { Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, type ReactNode, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import { t } from "../../lib/message";
import { BottomTabs } from "./bottom-tabs";
import { Header } from "./header";
import { OfflineBar } from "./offline-bar";
import { Rail } from "./rail";
import styles from "./shell.module.css";
import { type Overlay, useShortcuts } from "./shortcuts";
import { useLiveQueries } from "./use-live-queries";

const Palette = lazy(() => import("./palette").then((part) => ({ default: part.Palette })));
const StopDialog = lazy(() => import("./stop-dialog").then((part) => ({ default: part.StopDialog })));
const KeysDialog = lazy(() => import("./keys-dialog").then((part) => ({ default: part.KeysDialog })));
const NavDrawer = lazy(() => import("./nav-drawer").then((part) => ({ default: part.NavDrawer })));

export function Shell(): ReactNode {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const close = () => setOverlay(null);
  const main = useRef<HTMLElement>(null);
  useShortcuts(setOverlay);
  useLiveQueries();
  usePageFocus(main);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#page">
        {t("Skip to the page")}
      </a>
      <Header onOpen={setOverlay} />
      <Rail />
      <main id="page" ref={main} className={styles.main} tabIndex={-1} data-scroll-restoration-id="page">
        <Outlet />
      </main>
      <OfflineBar />
      <BottomTabs />
      <Suspense fallback={null}>
        {overlay === "palette" ? <Palette onClose={close} onOpen={setOverlay} /> : null}
        {overlay === "stop" ? <StopDialog onClose={close} /> : null}
        {overlay === "keys" ? <KeysDialog onClose={close} /> : null}
        {overlay === "nav" ? <NavDrawer onClose={close} /> : null}
      </Suspense>
    </div>
  );
}

/** A new page takes the focus, so that the next Tab is its first control; a changed question mark does not. */
function usePageFocus(main: RefObject<HTMLElement | null>) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}
