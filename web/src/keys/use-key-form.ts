/** The form for a new key: what was entered, its test, and its saving. The key itself stays in its field. */

import { useState } from "react";
import { vaultAddCredential, vaultTryDraft } from "../api/generated/sdk.gen";
import { typedDollars } from "../lib/dollars";
import type { Credential, KeyMark, NewCredential, ProviderRow, Providers, SavedCredential } from "../lib/vault";
import { freshName } from "./key-words";
import { addressTrouble, isOwn } from "./local-servers";
import { needsAddress, shortLabel } from "./provider-rules";
import { useKeyField } from "./use-key-field";
import { useTrial } from "./use-trial";

export type Entries = {
  provider: ProviderRow;
  name: string;
  address: string;
  budget: string;
  free: boolean;
  makeDefault: boolean;
};
/** What a person wrote; anything else follows from the provider. */
type Touched = Partial<Omit<Entries, "provider">>;

type KeyFormOptions = {
  table: Providers;
  first: ProviderRow;
  /** The person chose the provider: a pasted key does not change it. */
  chosen: boolean;
  known: readonly Credential[];
  /** `seen`: whoever saved it still looks at the form. */
  onSaved: (saved: SavedCredential, how: { seen: boolean }) => void;
};

export function useKeyForm({ table, first, chosen, known, onSaved }: KeyFormOptions) {
  const [provider, setProvider] = useState(first);
  const [picked, setPicked] = useState(chosen);
  const [touched, setTouched] = useState<Touched>({});
  const [asked, setAsked] = useState(false);
  const { trial, begin, ended, failed, forget } = useTrial();
  const field = useKeyField({
    marks: table.marks,
    provider,
    ownAddress: touched.address !== undefined && touched.address.trim() !== "",
    onChange: forget,
    onGuess: (mark) => !picked && !needsAddress(provider) && takeUp(mark),
  });
  const entries = fill(provider, touched, known);
  const trouble = asked ? firstTrouble(entries) : null;

  const pick = (next: ProviderRow) => {
    setPicked(true);
    setProvider(next);
    setAsked(false);
    // The other one's address is not this one's gateway.
    const { address: _, free: __, ...kept } = touched;
    setTouched(kept);
    forget();
  };
  const takeUp = (mark: KeyMark): boolean => {
    const next = table.items.find((row) => row.id === mark.provider);
    if (!next) return false;
    setProvider(next);
    if (mark.base_url) setTouched({ ...touched, address: mark.base_url, name: touched.name ?? mark.service });
    return true;
  };
  /** The key stays in its field, for the service that it belongs to. */
  const follow = (mark: KeyMark) => {
    forget();
    if (takeUp(mark)) field.clearSaid();
  };
  const write = (change: Touched) => {
    setTouched({ ...touched, ...change });
    forget();
  };
  /** Everything as the server takes it, or null when something must be mended first. */
  const collect = (): NewCredential | null => {
    setAsked(true);
    const { key, judgement } = field.read();
    const missing = provider.needs_key && key === "";
    if (judgement.trouble || missing || firstTrouble(entries)) {
      if (missing || judgement.trouble) field.input.current?.focus();
      return null;
    }
    return bodyOf(entries, key);
  };

  const test = async () => {
    const body = collect();
    if (!body) return;
    const signal = begin("test");
    try {
      ended(await vaultTryDraft({ body, signal }));
    } catch (error) {
      failed(error);
    }
  };
  /** The server tests it and keeps it when it works: one call, which closing the dialog does not take back. */
  const save = async (anyway = false) => {
    const body = collect();
    if (!body) return;
    const left = begin("save");
    try {
      const saved = await vaultAddCredential({
        body: anyway ? { ...body, save_anyway: true, make_default: false } : body,
      });
      field.clear();
      onSaved(saved, { seen: !left.aborted });
    } catch (error) {
      failed(error);
    }
  };
  return { entries, field, trial, asked, trouble, pick, follow, write, test, save };
}

export type KeyForm = ReturnType<typeof useKeyForm>;

function fill(provider: ProviderRow, touched: Touched, known: readonly Credential[]): Entries {
  const names = known.map((credential) => credential.name);
  const address = touched.address ?? "";
  return {
    provider,
    name: touched.name ?? freshName(shortLabel(provider), names),
    address,
    budget: touched.budget ?? "",
    free: needsAddress(provider) && (touched.free ?? isOwn(address)),
    makeDefault: touched.makeDefault ?? !known.some((credential) => credential.is_default),
  };
}

function firstTrouble(entries: Entries): "name" | "address" | "budget" | null {
  if (!entries.name.trim()) return "name";
  const { provider, address } = entries;
  if ((needsAddress(provider) || address.trim()) && addressTrouble(address)) return "address";
  return typedDollars(entries.budget) === undefined ? "budget" : null;
}

function bodyOf(entries: Entries, key: string): NewCredential {
  const { provider, name, address, budget, free, makeDefault } = entries;
  return {
    provider: provider.id,
    name: name.trim(),
    ...(address.trim() ? { base_url: address.trim() } : {}),
    ...(needsAddress(provider) ? { free } : {}),
    ...(key ? { key } : {}),
    monthly_budget: free ? null : (typedDollars(budget) ?? null),
    make_default: makeDefault,
  };
}
