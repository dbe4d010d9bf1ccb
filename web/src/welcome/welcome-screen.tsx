import { t } from "../lib/message";
import { Page } from "../ui/page";

export function WelcomeScreen() {
  return <Page title={t("Welcome")}>{null}</Page>;
}
