/**
 * @module One bad file for each lint rule that is not a layer rule, and one good file for each exception to it.
 * `reports` is all that the linter must say about the file; an empty list means it must say nothing.
 */

export type RuleCase = {
  readonly name: string;
  readonly path: string;
  readonly source: string;
  readonly reports: readonly string[];
};

const reveal = "export const shown = (secret: { reveal: () => string }): string => secret.reveal();\n";
const unwrap = "export const shown = ({ reveal }: { reveal: () => string }): string => reveal();\n";
const bracket = 'export const shown = (secret: { reveal: () => string }): string => secret["reveal"]();\n';
const clock = "export const now = (): number => Date.now();\n";
const elapsed = "export const now = (): number => performance.now();\n";
const date = "export const now = (): string => new Date().toISOString();\n";
const given = "export const iso = (ms: number): string => new Date(ms).toISOString();\n";
const env = "export const home = process.env;\n";
const part = "export const { env } = process;\n";
const pid = "export const id = process.pid;\n";
const later = "export const wait = (done: () => void): unknown => setTimeout(done, 1);\n";
const every = "export const wait = (done: () => void): unknown => globalThis.setInterval(done, 1);\n";
const call = "export const get = (url: string): unknown => fetch(url);\n";
const named = "declare const secret: { readonly length: number };\nexport const text = `password ${secret}`;\n";
const absent = "export const text = (name: string | undefined): string => `name ${name}`;\n";
const drop = "export function go(work: () => Promise<void>): void {\n  work();\n}\n";
const cases = 'export function go(kind: "a" | "b"): void {\n  switch (kind) {\n    case "a":\n      return;\n  }\n}\n';
const cast = "export const text = (value: unknown): string => value as string;\n";
const truthy = "export const is = (text: string): boolean => (text ? true : false);\n";
const thrown = 'export function stop(): never {\n  throw "stopped";\n}\n';
const any = "export const same = (value: any): void => void value;\n";
const bang = "export const first = (list: string[]): string => list[0]!;\n";
const mixed = 'import { Thing } from "./thing.ts";\nexport const same = (thing: Thing): Thing => thing;\n';
const kind = "export enum Kind {\n  One,\n}\n";
const space = "export namespace Kind {\n  export const one = 1;\n}\n";
const shape = 'export class Thing {\n  readonly #value = "";\n  size = (): number => this.#value.length;\n}\n';
const stop = "export class Stop extends Error {}\n";
const computed = "export const load = (path: string): Promise<unknown> => import(path);\n";
const late = 'export const load = (): Promise<unknown> => import("./late.ts");\n';
const literal = 'export const load = (): Promise<unknown> => import("../rotators/thing.ts");\n';
const again = 'export * from "../rotators/thing.ts";\n';
const typed = 'export type { Thing } from "../rotators/thing.ts";\n';
const half = (other: string): string =>
  `import { go } from "./${other}.ts";\nexport const stay = (): unknown => go;\nexport { go };\n`;
const plain = "export const text = (value) => (value ? `${value}` : '');\n";
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const a${index} = ${index};\n`).join("");

const property = "eslint(no-restricted-properties)";
const global = "eslint(no-restricted-globals)";
const imports = "eslint(no-restricted-imports)";
const environment = "node(no-process-env)";

export const ruleCases: readonly RuleCase[] = [
  // Secrets
  file("a view reveals a secret", "src/views/a.ts", reveal, property),
  file("a handler reveals a secret", "src/handlers/a.ts", reveal, property),
  file("the engine reveals a secret", "src/core/engine.ts", reveal, property),
  file("a job reveals a secret", "src/jobs/a.ts", reveal, property),
  file("the bot reveals a secret", "src/bot/a.ts", reveal, property),
  file("the command line reveals a secret", "src/cli/a.ts", reveal, property),
  file("the journal reveals a secret", "src/state/journal.ts", reveal, property),
  file("the catalog reveals a secret", "src/catalog/a.ts", reveal, property),
  file("the sandbox reveals a secret", "sandbox/workspace/a.ts", reveal, property),
  file("the configuration reads the environment and reveals", "src/bot/config.ts", reveal + env, property),
  file("the demo reveals a secret", "sandbox/demo/reveal.ts", reveal, property),
  file("reveal is taken out of a secret", "src/views/b.ts", unwrap, property),
  file("reveal is called by its name in brackets", "src/views/c.ts", bracket, property),
  file("a rotator may reveal", "src/rotators/x/reveal.ts", reveal),
  file("a store may reveal", "src/stores/x/reveal.ts", reveal),
  file("a consumer may reveal", "src/consumers/x/reveal.ts", reveal),
  file("a check may reveal", "src/checks/x/reveal.ts", reveal),
  file("the seal may reveal", "src/state/seal-key.ts", reveal),
  file("a template may reveal", "src/core/template-url.ts", reveal),
  file("a template in its folder may reveal", "src/core/templates/formats/url.ts", reveal),
  file("a credential may reveal", "src/core/credential.ts", reveal),
  file("redaction may reveal", "src/core/redaction.ts", reveal),
  file("the tie to the database may reveal", "src/bot/database.ts", reveal),
  file("the composition root may reveal", "src/bot/wire.ts", reveal),
  file("the tie to Slack may reveal", "src/bot/app.ts", reveal),
  file("a reference may reveal", "src/catalog/references.ts", reveal),
  file("a test may reveal", "test/reveal.ts", reveal),
  file(
    "a secret is put into a text",
    "src/rotators/x/text.ts",
    named,
    "typescript(restrict-template-expressions)",
    "typescript(no-base-to-string)",
  ),
  file("nothing is put into a text", "src/core/absent.ts", absent, "typescript(restrict-template-expressions)"),

  // Time
  file("an adapter reads the clock", "src/rotators/x/now.ts", clock, property),
  file("a catalog file that may not reveal reads the clock", "src/catalog/now.ts", clock, property),
  file("the core reads the clock", "src/core/now.ts", clock, property),
  file("a core file that may reveal reads the clock", "src/core/template.ts", clock, property),
  file("an adapter reads the monotonic clock", "src/checks/x/elapsed.ts", elapsed, property),
  file("the core reads the monotonic clock", "src/core/elapsed.ts", elapsed, global, property),
  file("the core makes a date of now", "src/core/date.ts", date, "house(no-ambient-date)"),
  file("a view makes a date of now", "src/views/date.ts", date, "house(no-ambient-date)"),
  file("the core makes a date of a given time", "src/core/given.ts", given),
  file("the core waits", "src/core/later.ts", later, global),
  file("the core waits through globalThis", "src/core/every.ts", every, global),
  file("the core calls another system", "src/core/call.ts", call, global),
  file("the bot may read the clock", "src/bot/clock.ts", clock),
  file("the state may read the clock", "src/state/clock.ts", clock),
  file("the seal may read the clock", "src/state/seal.ts", clock),
  file("a job may read the clock", "src/jobs/clock.ts", clock),
  file("the sandbox may read the clock", "sandbox/workspace/clock.ts", clock),
  file("a benchmark may read the clock", "bench/clock.ts", clock),
  file("a test may read the clock", "test/clock.ts", clock),
  file("the bot may make a date of now", "src/bot/date.ts", date),
  file("the state may make a date of now", "src/state/date.ts", date),
  file("a job may make a date of now", "src/jobs/date.ts", date),
  file("a test may make a date of now", "test/date.ts", date),
  file("a script may make a date of now", "scripts/date.ts", date),
  file("the sandbox may make a date of now", "sandbox/workspace/date.ts", date),

  // Environment
  file("the bot outside its configuration reads the environment", "src/bot/env.ts", env, property, environment),
  file("the command line reads the environment", "src/cli/env.ts", env, property, environment),
  file("an adapter reads the environment", "src/stores/x/env.ts", env, property, environment),
  file("the state reads the environment", "src/state/env.ts", env, property, environment),
  file("the workspace reads the environment", "sandbox/workspace/env.ts", env, property, environment),
  file("the seal reads the environment", "src/state/seal-env.ts", env, property, environment),
  file("the environment is taken out of process", "src/jobs/part.ts", part, property),
  file("the core touches process", "src/core/pid.ts", pid, global),
  file("the demo may read the environment", "sandbox/demo/env.ts", env),
  file("a script may read the environment", "scripts/env.ts", env),
  file("a test may read the environment", "test/env.ts", env),

  // Promises, types, errors
  file("a promise is dropped", "src/jobs/drop.ts", drop, "typescript(no-floating-promises)"),
  file("a case is forgotten", "src/core/cases.ts", cases, "typescript(switch-exhaustiveness-check)"),
  file("a type is asserted", "src/stores/x/cast.ts", cast, "typescript(no-unsafe-type-assertion)"),
  file("a text is used as a condition", "src/core/truthy.ts", truthy, "typescript(strict-boolean-expressions)"),
  file("something that is no error is thrown", "src/core/thrown.ts", thrown, "typescript(only-throw-error)"),
  file("any is written", "src/core/any.ts", any, "typescript(no-explicit-any)"),
  file("absence is denied", "src/core/bang.ts", bang, "typescript(no-non-null-assertion)"),
  file("a type is imported as a value", "src/core/mixed.ts", mixed, "typescript(consistent-type-imports)"),
  file("a namespace", "src/core/space.ts", space, "typescript(no-namespace)"),

  // Shape
  file("a file is too long", "src/core/long.ts", lines(301), "eslint(max-lines)"),
  file("a file is as long as it may be", "src/core/full.ts", lines(300)),
  file("a plain script without types", "scripts/plain.mjs", plain),
  file("a default export", "src/core/default.ts", "export default 1;\n", "import(no-default-export)"),
  file("a tool may need a default export", "vitest.config.ts", "export default 1;\n"),
  file("an enum", "src/core/kind.ts", kind, "house(no-enum)"),
  file("a class", "src/rotators/x/shape.ts", shape, "house(no-class)"),
  file("a class of errors elsewhere", "src/state/stop.ts", stop, "house(no-class)"),
  file("a class in the sandbox", "sandbox/workspace/shape.ts", shape),
  file("a class in a test", "test/shape.ts", shape),
  file("the class of secrets", "src/core/secret.ts", shape),
  file("the classes of errors", "src/core/errors.ts", stop),
  file("an import that the layers cannot see", "src/rotators/x/computed.ts", computed, "house(no-dynamic-import)"),
  file("a file of the same folder may be imported late", "src/rotators/x/late.ts", late),
  file("the bot may import late", "src/bot/computed.ts", computed),
  file("a script may import late", "scripts/computed.ts", computed),
  file("a layer is passed by a late import", "src/core/literal.ts", literal, imports, "house(no-dynamic-import)"),
  file("a layer is passed by a re-export", "src/core/again.ts", again, imports),
  file("a layer is passed by a type", "src/core/typed.ts", typed, imports),
  file("a circle of imports, one half", "src/core/half-a.ts", half("half-b"), "import(no-cycle)"),
  file("a circle of imports, the other half", "src/core/half-b.ts", half("half-a"), "import(no-cycle)"),
];

function file(name: string, path: string, source: string, ...reports: readonly string[]): RuleCase {
  return { name, path, source, reports };
}
