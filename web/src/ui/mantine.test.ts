/** Each Mantine component that is used has its style in the list; without it the component would look broken. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCES = "src";
const STYLES = "node_modules/@mantine/core/styles";

function used(): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".tsx")) continue;
    const text = readFileSync(join(SOURCES, file), "utf8");
    for (const [, list] of text.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)) {
      for (const name of list?.split(",") ?? []) names.add(name.trim());
    }
  }
  return names;
}

test("no style of a used component is missing", () => {
  const listed = readFileSync(join(SOURCES, "ui/mantine.css"), "utf8");
  const styled = [...used()].filter((name) => existsSync(join(STYLES, `${name}.css`)));
  expect(styled.length).toBeGreaterThan(10);
  expect(styled.filter((name) => !listed.includes(`/${name}.css`))).toEqual([]);
});
