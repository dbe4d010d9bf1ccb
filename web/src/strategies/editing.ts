/** What a field of the form reads and writes: one setting of the document, at its path. */

import type { ReactNode } from "react";
import type { Suggestion } from "./completion";
import type { Path } from "./document-edit";
import type { Field } from "./schema-form";

export type Editing = {
  valueAt: (path: Path) => unknown;
  /** Two changes at once are made one after the other. */
  change: (path: Path, value: unknown) => void;
  /** What is wrong at a setting itself. */
  problemAt: (pointer: string) => string | undefined;
  suggestions: readonly Suggestion[];
};

/** How a group draws what is in it, which may be groups again. */
export type DrawField = (field: Field, path: Path, editing: Editing) => ReactNode;

export function fieldId(pointer: string): string {
  return `at${pointer}`;
}
