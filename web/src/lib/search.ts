/** What an address may carry behind its question mark: named texts, nothing else. */

const MAX_TEXT = 2_000;

/** `validateSearch: texts("series", "range")` */
export function texts<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): { [key in Name]?: string } => {
    const found: { [key in Name]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if (value !== undefined && value !== null && value !== "") found[name] = String(value).slice(0, MAX_TEXT);
    }
    return found;
  };
}
