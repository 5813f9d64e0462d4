/**
 * @module Lint rules of this house that oxlint does not have: loaded by .oxlintrc.json, proved by layers.test.ts. Plain JavaScript
 * with a default export, because that is what the linter loads on every Node version it runs on.
 */

/** One rule that reports each node of the given kinds for which `applies` is true. */
function rule(message, kinds, applies = () => true) {
  return {
    create(context) {
      const report = (node) => {
        if (applies(node)) context.report({ node, message });
      };
      return Object.fromEntries(kinds.map((kind) => [kind, report]));
    },
  };
}

const isDate = (node) => node.callee.type === "Identifier" && node.callee.name === "Date";

export default {
  meta: { name: "house" },
  rules: {
    "no-class": rule("Functions and plain objects only; Secret and the errors are the two classes.", [
      "ClassDeclaration",
      "ClassExpression",
    ]),
    "no-enum": rule("A union of string literals instead of an enum.", ["TSEnumDeclaration"]),
    "no-ambient-date": rule(
      "Time comes in as `now`: `new Date()` without an argument reads the machine's clock.",
      ["NewExpression", "CallExpression"],
      (node) => isDate(node) && (node.type === "CallExpression" || node.arguments.length === 0),
    ),
    "no-dynamic-import": rule(
      "Import statically, so that the layer rules see it; late only a file of the same folder, by its name.",
      ["ImportExpression"],
      ({ source }) => !/^\.\/[\w.-]+$/.test(source.type === "Literal" ? String(source.value) : ""),
    ),
  },
};
