/** What can be said of a key before anybody is asked: its ends, its characters, whose it looks like. */

import { t } from "../lib/message";
import type { KeyMark, ProviderRow } from "../lib/vault";
import { needsAddress, shortLabel } from "./provider-rules";

/** No provider's key is longer; a pasted file is. */
const MOST = 4_096;
/** Quotes of many scripts, and what is not seen: zero-width marks, a byte order mark. */
const SHED = "\\s\"'`“”‘’«»„‚\\u200b-\\u200d\\u2060\\ufeff";
const QUOTES = new RegExp(`^[${SHED}]+|[${SHED}]+$`, "g");
/** What stands before a key in a shell's file or in a header that somebody copied. */
const AROUND = /^(?:(?:export\s+)?[A-Z][A-Z0-9_]*_KEY\s*=\s*|(?:authorization:\s*)?bearer\s+)/i;
const MASKED = /…|\.\.\.|\*{3,}|•{2,}/;
/** What a header can carry. */
const PLAIN = /^[\x21-\x7e]*$/;

export type Trimmed = { key: string; changed: boolean };
/** `trouble` stops the saving; `other` is the service whose key it looks like. */
export type Judgement = { trouble: string | null; other: KeyMark | null };

const FINE: Judgement = { trouble: null, other: null };

/** Without the spaces, line breaks, quotes and names that came along when it was copied. */
export function trimmed(pasted: string): Trimmed {
  const key = pasted.replace(QUOTES, "").replace(AROUND, "").replace(QUOTES, "");
  return { key, changed: key !== pasted };
}

/** The longest beginning tells: sk-ant- is Anthropic's although sk- is OpenAI's. */
export function guess(marks: readonly KeyMark[], key: string): KeyMark | null {
  let best: KeyMark | null = null;
  for (const mark of marks) {
    if (key.startsWith(mark.prefix) && mark.prefix.length > (best?.prefix.length ?? 0)) best = mark;
  }
  return best;
}

export function judge(
  marks: readonly KeyMark[],
  provider: ProviderRow,
  key: string,
  { ownAddress = false }: { ownAddress?: boolean } = {},
): Judgement {
  if (key === "") return FINE;
  const trouble = characters(key);
  if (trouble) return { trouble, other: null };
  // At an address of one's own any key may be right.
  if (ownAddress || needsAddress(provider)) return FINE;
  const mark = guess(marks, key);
  if (mark && mark.provider !== provider.id) {
    return { trouble: t("This looks like {a} key.", { a: withArticle(mark.service) }), other: mark };
  }
  if (provider.key_shape && !matches(provider.key_shape, key)) return { trouble: shapeWords(provider), other: null };
  return FINE;
}

function characters(key: string): string | null {
  if (key.length > MOST) {
    const count = key.length.toLocaleString("en-GB");
    return t("This has {count} characters. A key is much shorter: copy only the key.", { count });
  }
  if (/\s/.test(key)) return t("There is a space or a line break inside. Paste one key, on one line.");
  if (MASKED.test(key)) return t("This is a key with its middle hidden. Copy the whole key where it was made.");
  if (!PLAIN.test(key)) return t("A key has only plain letters, digits and signs. Copy it again from the provider.");
  return null;
}

function shapeWords(provider: ProviderRow): string {
  const [first] = provider.key_prefixes;
  const whose = withArticle(shortLabel(provider));
  return first
    ? t("This does not have the shape of {a} key, which begins with {prefix}. Is it whole?", {
        a: whose,
        prefix: first,
      })
    : t("This does not have the shape of {a} key. Is it whole?", { a: whose });
}

/** The server has the last word: a shape that this browser cannot read stops nobody. */
function matches(shape: string, key: string): boolean {
  try {
    return new RegExp(`^(?:${shape})$`).test(key);
  } catch {
    return true;
  }
}

function withArticle(label: string): string {
  return /^[aeiox]/i.test(label) ? `an ${label}` : `a ${label}`;
}
