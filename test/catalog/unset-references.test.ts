import { expect, it } from "vitest";
import { unsetReferences } from "../../src/catalog/unset-references.ts";

const text = `version: 1
connections:
  prod: { kind: api, token: "env:API_TOKEN" }
targets:
  - admin: { username: keyturn, password: "env:ADMIN" }
    again: "env:ADMIN"
    empty: "env:EMPTY"
    set: "env:SET"
    file: "file:/run/secrets/x"
    words: "see env:NOTHING"
    ours: "env:KEYTURN_SEAL_KEY"
    publish: [{ values: { KEY: "env:TEMPLATE" } }]
`;

it("every variable that the catalog refers to and that is not set is named once, with its place", () => {
  const problems = unsetReferences(text, "catalog.yaml", { SET: "x", EMPTY: "" });
  expect(problems.map(({ file, line, path, sentence }) => `${file}:${String(line)} ${path}: ${sentence}`)).toEqual([
    "catalog.yaml:3 connections.prod.token: the variable API_TOKEN is not set",
    "catalog.yaml:5 targets[0].admin.password: the variable ADMIN is not set",
    "catalog.yaml:7 targets[0].empty: the variable EMPTY is empty",
  ]);
});

it("a file that is no YAML has its own mistakes", () => {
  expect(unsetReferences("a: [", "catalog.yaml", {})).toEqual([]);
});
