import type { State } from "../../src/core/state.ts";
import type { FreshDatabase } from "../servers/fresh-database.ts";

/** Every form in which a value may stand in a text, made without the code under test. */
export function formsOf(value: string): ReadonlyMap<string, string> {
  const forms = new Map([
    ["plain", value],
    ["hex", Buffer.from(value).toString("hex")],
    ["uri", encodeURIComponent(value)],
    ["json", JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  ]);
  for (const shift of [0, 1, 2]) {
    const text = Buffer.from("x".repeat(shift) + value).toString("base64");
    const whole = Math.floor((value.length + shift) / 3) * 4;
    forms.set(`base64 after ${String(shift)}`, text.slice(shift === 0 ? 0 : 4, whole));
  }
  return forms;
}

/** Where one of the values stands in the text, in any form: "plain of value 2". Empty: nowhere. */
export function canariesIn(text: string, values: readonly string[]): readonly string[] {
  const lower = text.toLowerCase();
  return values.flatMap((value, index) =>
    [...formsOf(value)]
      .filter(([name, form]) => (name === "hex" ? lower : text).includes(form))
      .map(([name]) => `${name} of value ${String(index)}`),
  );
}

/** Every column of every row of every table, as text. */
export async function everyRow(database: Pick<FreshDatabase, "query">): Promise<string> {
  const tables = await database.query(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query(`SELECT t::text AS line FROM ${String(name)} t`);
    texts.push(`${String(name)} ${String(rows.length)}`, ...rows.map(({ line }) => decoded(String(line))));
  }
  return texts.join("\n");
}

/** bytea columns print as \x hex: what stands in them is looked at as bytes too. */
function decoded(line: string): string {
  const bytes = [...line.matchAll(/\\x([0-9a-f]{8,})/g)].map(([, hex = ""]) =>
    Buffer.from(hex, "hex").toString("latin1"),
  );
  return [line, ...bytes].join("\n");
}

/** The credentials that a rotation has sealed, while its seals can still be opened. */
export async function sealedValues(state: State, rotationId: string): Promise<readonly string[]> {
  const slots = ["current", "pending", "before:0", "written:0"];
  const opened = await Promise.all(slots.map((slot) => state.unseal(rotationId, slot)));
  return opened.flatMap((values) => Object.values(values).map((secret) => secret.reveal()));
}
