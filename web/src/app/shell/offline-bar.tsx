/** Says over the head of the page when the server does not answer: one on this machine answers without any network. */

import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError } from "../../lib/http";
import { t } from "../../lib/message";
import { statusQuery } from "../../lib/queries";
import styles from "./shell.module.css";

export function OfflineBar() {
  const { error, refetch } = useQuery(statusQuery);
  useEffect(() => whenTheNetworkChanges(() => void refetch()), [refetch]);
  if (!(error instanceof ApiError && error.status === 0)) return null;
  return (
    <div className={styles.bar} role="status">
      <IconPlugConnectedX size={18} aria-hidden="true" />
      {t("OMC does not answer. What you see may be old; nothing you do here reaches it.")}
    </div>
  );
}

function whenTheNetworkChanges(then: () => void): () => void {
  window.addEventListener("online", then);
  window.addEventListener("offline", then);
  return () => {
    window.removeEventListener("online", then);
    window.removeEventListener("offline", then);
  };
}
