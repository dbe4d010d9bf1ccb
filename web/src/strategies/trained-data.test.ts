/** How the figures of trained models are laid out. */

import { expect, test } from "vitest";
import { lengthsOf, skillOf } from "./trained-data";

test("the longest bar is as long as there is room, and the sign is kept", () => {
  const drawn = lengthsOf([
    { feature: "momentum", value: -0.4 },
    { feature: "width", value: 0.1 },
  ]);
  expect(drawn.map((one) => one.length)).toEqual([-1, 0.25]);
});

test("features that add nothing have no length", () => {
  expect(lengthsOf([{ feature: "width", value: 0 }])[0]?.length).toBe(0);
  expect(lengthsOf([])).toEqual([]);
});

test("a return has no AUC: its skill is the rank correlation", () => {
  const scores = { auc: null, log_loss: null, base_log_loss: null, r2: 0.1, ic: 0.2 };
  expect(skillOf(scores)).toBe(0.2);
  expect(skillOf({ ...scores, auc: 0.6 })).toBe(0.6);
});
