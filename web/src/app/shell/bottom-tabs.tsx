/** The five tabs at the bottom of phones and tablets. */

import { Link } from "@tanstack/react-router";
import { t } from "../../lib/message";
import { PLACES } from "../nav";
import styles from "./shell.module.css";

const TABS = PLACES.filter((place) => place.tab);

export function BottomTabs() {
  return (
    <nav aria-label={t("Main pages")}>
      <ul className={styles.tabs}>
        {TABS.map((place) => (
          <li key={place.to}>
            <Link to={place.to} className={styles.tab}>
              <place.icon size={21} stroke={1.7} aria-hidden="true" />
              {place.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
