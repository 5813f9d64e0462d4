import { relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folders, layers, packages } from "./layer-table.ts";
import { type Finding, lintTree } from "./lint-tree.ts";
import { type RuleCase, ruleCases } from "./rule-cases.ts";

const restricted = "eslint(no-restricted-imports)";

const cases: readonly RuleCase[] = [...layers.flatMap(layerCases), ...ruleCases];
let found: ReadonlyMap<string, readonly Finding[]>;

beforeAll(async () => {
  const thing = "export const thing = 1;\nexport type Thing = number;\n";
  const files = new Map(folders.map((folder) => [`${folder}/thing.ts`, thing]));
  for (const { path, source } of cases) {
    if (files.has(path)) throw new Error(`two fixtures stand at ${path}`);
    files.set(path, source);
  }
  found = await lintTree(files);
}, 60_000);

describe("the linter", () => {
  it.each(cases.filter(({ reports }) => reports.length > 0))("reports: $name", ({ path, reports }) => {
    expect(codes(path)).toEqual(new Set(reports));
  });

  it.each(cases.filter(({ reports }) => reports.length === 0))("allows: $name", ({ path }) => {
    expect(found.get(path) ?? []).toEqual([]);
  });

  it("reports nothing in the files that the fixtures import", () => {
    expect(folders.flatMap((folder) => found.get(`${folder}/thing.ts`) ?? [])).toEqual([]);
  });

  it("reports nothing outside the fixtures", () => {
    const paths = new Set(cases.map(({ path }) => path));
    expect([...found.keys()].filter((path) => !paths.has(path))).toEqual([]);
  });
});

function codes(path: string): ReadonlySet<string> {
  return new Set((found.get(path) ?? []).map(({ code }) => code));
}

/** One file per cell: this layer imports that folder, or that package, as a value and as a type. */
function layerCases(layer: (typeof layers)[number]): RuleCase[] {
  const inside = folders.filter((folder) => layer.home !== folder && !layer.home.startsWith(`${folder}/`));
  const local = inside.map((folder) => {
    const specifier = `${relative(layer.home, folder)}/thing.ts`;
    return cell(
      layer.home,
      folder,
      `import { thing } from "${specifier}";\nexport const used = thing;\n`,
      layer.folders,
    );
  });
  const values = packages.map((name) =>
    cell(layer.home, name, `import * as sdk from "${name}";\nexport const used = sdk;\n`, layer.packages),
  );
  const types = packages.map((name) =>
    cell(
      layer.home,
      `${name} as a type`,
      `import type * as sdk from "${name}";\nexport type Used = typeof sdk;\n`,
      [...layer.packages, ...layer.types].map((allowed) => `${allowed} as a type`),
    ),
  );
  return [...local, ...values, ...types];
}

function cell(home: string, target: string, source: string, allowed: readonly string[]): RuleCase {
  const path = `${home}/imports-${target.replaceAll(/[^a-z0-9]+/g, "-")}.ts`;
  const reports = allowed.includes(target) ? [] : [restricted];
  return { name: `${home} imports ${target}`, path, source, reports };
}
