/** Files that a comment names exist: the twins in Python, the protocol's text. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("../../../", import.meta.url);
const PAGE = new URL("../", import.meta.url);

function sources(): string[] {
  const files = ["src", "test"].flatMap((folder) =>
    readdirSync(new URL(folder, PAGE), { recursive: true, encoding: "utf-8" }).map((name) => `${folder}/${name}`),
  );
  return files.filter((name) => /\.tsx?$/.test(name));
}

test("the files that comments name exist", () => {
  const missing = sources().flatMap((file) => {
    const comments = readFileSync(new URL(file, PAGE), "utf-8").match(/\/\*\*.*?\*\/|\/\/.*$/gms) ?? [];
    const named = comments
      .join("\n")
      .match(/\b(?:crypto|admin|bot|docs|tests|storage)\/[\w/.-]+\.(?:py|md|ts|toml)\b/g);
    return (named ?? []).filter((path) => !existsSync(new URL(path, ROOT))).map((path) => `${file}: ${path}`);
  });
  expect(missing).toEqual([]);
});
