/** The field for a key: hidden unless asked, and what is odd about it said under it. */

import { Button, PasswordInput } from "@mantine/core";
import { t } from "../lib/message";
import type { KeyMark, ProviderRow } from "../lib/vault";
import styles from "./keys.module.css";
import type { KeyField } from "./use-key-field";

type KeyInputProps = {
  label: string;
  provider: ProviderRow;
  field: KeyField;
  onSwitch?: ((mark: KeyMark) => void) | undefined;
};

export function KeyInput({ label, provider, field, onSwitch }: KeyInputProps) {
  const { trouble, other } = field.judgement;
  return (
    <div>
      <PasswordInput
        ref={field.input}
        label={label}
        description={description(provider)}
        placeholder={provider.needs_key ? t("Paste the key") : t("Leave empty if your server asks for none")}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        data-1p-ignore=""
        data-lpignore="true"
        classNames={{ innerInput: styles.secret ?? "" }}
        visibilityToggleButtonProps={{ "aria-label": t("Show or hide the key"), tabIndex: 0 }}
        error={trouble}
        onPaste={field.onPaste}
        onInput={field.onInput}
        onBlur={field.onBlur}
      />
      <p className={styles.said} aria-live="polite">
        {field.wasTrimmed && !trouble ? t("Spaces, line breaks or quotes around it were left out.") : null}
        {other && onSwitch ? (
          <Button variant="subtle" size="compact-xs" onClick={() => onSwitch(other)}>
            {t("Add it as {provider}", { provider: other.service })}
          </Button>
        ) : null}
      </p>
    </div>
  );
}

function description(provider: ProviderRow): string {
  return provider.needs_key
    ? t("Encrypted before it is stored. It is never shown again, not even to you.")
    : t("Optional. Encrypted before it is stored, never shown again.");
}
