/** What the built-in analyst can do and what it cannot, in plain words. */

import { t } from "../lib/message";
import { Panel } from "../ui/panel";
import styles from "./models.module.css";

const IDEAS = [
  [t("Moving-average crossover"), t("buys when a fast average rises above a slow one")],
  [t("RSI mean reversion"), t("buys what has fallen into oversold ground")],
  [t("Channel breakout"), t("buys a close above every high of its window")],
  [t("Momentum"), t("buys when the price change over its window turns positive")],
] as const;

const LIMITS = [
  t("It finds the idea, the windows, the market and the years by the words of your question."),
  t("It has no ideas of its own, and it does not understand a question that names none of these four."),
  t("The same question on the same data always gives the same steps and the same report."),
  t("It goes through the same steps and tools as any model: each figure in its report leads to evidence."),
];

export function AnalystPanel() {
  return (
    <Panel title={t("The built-in analyst")}>
      <div className={styles.analyst}>
        <p>
          {t(
            "The analyst is a set of fixed rules, written by people. It is not AI and does not pretend to be. It needs no key, costs nothing, and nothing of what you ask leaves this machine.",
          )}
        </p>
        <div className={styles.halves}>
          <div>
            <h3 className={styles.heading}>{t("What it can test")}</h3>
            <dl className={styles.ideas}>
              {IDEAS.map(([name, told]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{told}</dd>
                </div>
              ))}
            </dl>
          </div>
          <div>
            <h3 className={styles.heading}>{t("What to expect of it")}</h3>
            <ul className={styles.list}>
              {LIMITS.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </div>
        </div>
      </div>
    </Panel>
  );
}
