import { t } from "../lib/message";
import { Page } from "../ui/page";

export function SettingsScreen() {
  return <Page title={t("Settings")}>{null}</Page>;
}
