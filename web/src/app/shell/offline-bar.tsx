/** Says at the top of the page when this machine has no network or the server does not answer. */

import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ApiError } from "../../lib/http";
import { t } from "../../lib/message";
import { statusQuery } from "../../lib/queries";
import styles from "./shell.module.css";

export function OfflineBar() {
  const online = useSyncExternalStore(listen, () => navigator.onLine);
  const { error } = useQuery(statusQuery);
  const unreachable = error instanceof ApiError && error.status === 0;
  if (online && !unreachable) return null;
  return (
    <div className={styles.bar} role="status">
      <IconPlugConnectedX size={18} aria-hidden="true" />
      {t("OMC does not answer. What you see may be old; nothing you do here reaches it.")}
    </div>
  );
}

function listen(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}
