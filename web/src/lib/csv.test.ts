import { expect, test } from "vitest";
import { csvText } from "./csv";

test("cells with commas, quotes and line ends stay one cell", () => {
  expect(csvText(["a", "b"], [['say "hi"', "one,\ntwo"]])).toBe('\ufeffa,b\r\n"say ""hi""","one,\ntwo"\r\n');
});

test("a text that a spreadsheet would run is disarmed, a negative number is not", () => {
  expect(csvText(["x"], [["=1+1"], ["-2.5"], ["+cmd"], ["@sum"], [-3]])).toBe(
    "\ufeffx\r\n'=1+1\r\n-2.5\r\n'+cmd\r\n'@sum\r\n-3\r\n",
  );
});

test("an unknown value is an empty cell", () => {
  expect(csvText(["x", "y"], [[null, undefined]])).toBe("\ufeffx,y\r\n,\r\n");
});
