import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/load.ts";
import { CatalogText, PolicyText, TargetText } from "../../src/catalog/text.ts";
import { Format } from "../../src/core/target.ts";
import { encoderNames } from "../../src/core/templates/encoders.ts";
import { shipped } from "./shipped.ts";

const text = readFileSync(new URL("../../docs/catalog.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/^```yaml(?: (\w+))?\n([^]*?)^```$/gm)].map(([, kind = "whole", yaml = ""]) => ({
  kind,
  yaml,
}));
const whole = blocks.find(({ kind }) => kind === "whole")?.yaml ?? "";

/** Puts a piece of the documentation at its place in the whole example. */
function inPlace(kind: string, yaml: string): string {
  const indented = (by: number): string => yaml.replace(/^(?=.)/gm, " ".repeat(by));
  if (kind === "policy") return whole.replace("targets:\n", `${indented(2)}targets:\n`);
  if (kind === "target") return `${whole}  - ${indented(4).trimStart()}`;
  if (kind === "connected") {
    const [connections = "", targets = ""] = yaml.split("targets:\n");
    return `${whole.replace("policies:\n", `${connections}policies:\n`)}${targets}`;
  }
  if (kind === "values") return whole.replace("        values:\n", `        values:\n${indented(10)}`);
  return yaml;
}

describe("docs/catalog.md", () => {
  it("has examples of every sort", () => {
    expect(blocks.map(({ kind }) => kind)).toEqual(["whole", "policy", "target", "connected", "values", "values"]);
  });

  it("names every adapter that is registered", () => {
    const { rotators, stores, consumers, checks } = shipped;
    const registered = [...rotators, ...stores, ...consumers, ...checks].map(({ kind }) => kind);
    const named = [
      ...text.matchAll(/\[`([\w-]+)`\]\(\.\.\/src\/(?:rotators|stores|consumers|checks)\/\1\/README\.md\)/g),
    ];
    expect(named.map(([, kind = ""]) => kind).toSorted()).toEqual(registered.toSorted());
  });

  it.each(blocks)("its example of a $kind is read without a mistake", ({ kind, yaml }) => {
    expect(loadCatalog(inPlace(kind, yaml), "docs/catalog.md", shipped)).toHaveProperty("catalog.digest");
    expect(loadCatalog(`${inPlace(kind, yaml)}wrong: 1\n`, "docs/catalog.md", shipped)).toHaveProperty(
      "problems.length",
      1,
    );
  });

  it("has a row for every key, encoder and format", () => {
    const keys = [CatalogText, PolicyText, TargetText].flatMap(({ shape }) => Object.keys(shape));
    for (const name of [...keys, ...encoderNames, ...Format.options]) {
      expect(text, name).toMatch(new RegExp(`^\\| (?:\`\\w+\`, )*\`${name}\``, "m"));
    }
  });
});
