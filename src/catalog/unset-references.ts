import type { Problem } from "./problem.ts";
import { textsIn } from "./raw.ts";
import { isOwnName } from "./rules-references.ts";
import { readSource } from "./source.ts";

/**
 * References of a catalog to variables that are not set, once per variable. Texts of `values` are templates, not references;
 * files are not looked at, because they may come and go while the program runs. `file` is the name that problems bear.
 */
export function unsetReferences(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly Problem[] {
  const { source } = readSource(text, file);
  if (source === undefined) {
    return [];
  }
  const found = textsIn(source.value).flatMap(({ text: value, path }) => {
    const name = path.includes("values") ? undefined : /^env:([A-Za-z_]\w*)$/.exec(value)?.[1];
    return name === undefined || isOwnName(name) || (env[name] ?? "") !== "" ? [] : [{ name, path }];
  });
  return found
    .filter(({ name }, index) => found.findIndex((other) => other.name === name) === index)
    .map(({ name, path }) =>
      source.locate({
        path,
        found: `env:${name}`,
        sentence: `the variable ${name} is ${env[name] === "" ? "empty" : "not set"}`,
        hint: "set it where Keyturn is started",
      }),
    );
}
