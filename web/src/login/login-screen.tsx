import { t } from "../lib/message";
import { Page } from "../ui/page";

export function LoginScreen() {
  return <Page title={t("Sign in")}>{null}</Page>;
}
