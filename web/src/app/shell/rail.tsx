/** The rail at the left: where one can go, what is live there, and whether everything works. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Status } from "../../lib/contract";
import { t } from "../../lib/message";
import { statusQuery } from "../../lib/queries";
import { NAV } from "../nav";
import { useBadges } from "./badges";
import styles from "./shell.module.css";

export function Rail() {
  return (
    <aside className={styles.rail} aria-label={t("Pages and health")}>
      <NavList label={t("Pages")} />
      <Health />
    </aside>
  );
}

export function NavList({ label, onGo }: { label: string; onGo?: () => void }) {
  const badges = useBadges();
  return (
    <nav className={styles.groups} aria-label={label}>
      {NAV.map((group) => (
        <div key={group.title}>
          <p className={styles.groupTitle}>{group.title}</p>
          <ul className={styles.group}>
            {group.places.map((place) => (
              <li key={place.to}>
                <Link to={place.to} className={styles.place} {...(onGo ? { onClick: onGo } : {})}>
                  <place.icon size={18} stroke={1.7} className={styles.placeIcon} aria-hidden="true" />
                  {place.label}
                  {badges[place.to] ? <span className={styles.badge}>{badges[place.to]}</span> : null}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Health() {
  const { data, isError } = useQuery(statusQuery);
  const [tone, words] = isError ? (["bad", t("Status unknown")] as const) : judge(data);
  return (
    <Link to="/status" className={styles.health}>
      <span className={styles.healthWords}>
        <span className={styles.dot} data-tone={tone} aria-hidden="true" />
        {words}
      </span>
      <span className={styles.version}>{data ? `v${data.version}` : ""}</span>
    </Link>
  );
}

function judge(status: Status | undefined): readonly ["good" | "warn" | "bad" | "none", string] {
  if (!status) return ["none", t("Checking…")];
  const down = status.parts.find((part) => part.state === "down");
  if (down) return ["bad", t("{part} is down", { part: down.name })];
  const degraded = status.parts.find((part) => part.state === "degraded");
  if (degraded) return ["warn", t("{part} is degraded", { part: degraded.name })];
  return ["good", t("All systems normal")];
}
