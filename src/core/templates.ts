/**
 * Templates say how a credential stands in a store: `Host=db;Username={{username}};Password={{password|ado}}`. Forwards they
 * write the value, backwards they read the credential out of it. This file is where values are revealed for that; how texts
 * are understood stands in `templates/`.
 */
import type { Credential } from "./credential.ts";
import { GiveUp, KeyturnError } from "./errors.ts";
import { Secret } from "./secret.ts";
import { editText, readText, writeText } from "./templates/edit.ts";
import type { Template } from "./templates/parse.ts";
import type { Values } from "./templates/shape.ts";

/** What was read out of a value. */
export type Fields = Pick<Credential, "public" | "secret">;

/** The value is not what the template writes. `sentence` holds no part of it. */
export type Mismatch = { readonly mismatch: string };

/**
 * Writes a new value. For a template of the slot `accepted` the caller hands in the accepted credential. Throws
 * KeyturnError("unknown_field") for a field that the credential has not, and GiveUp("value_ambiguous") for one that could not
 * be read back from here.
 */
export function renderTemplate(template: Template, credential: Credential): Secret {
  return written(template, writeText(template, valuesFor(template, credential)));
}

/** Reads the fields out of a value; `fields` says which of them are secret (`RotatorShape.fields`). */
export function readBack(
  template: Template,
  value: Secret,
  fields: Readonly<Record<string, "public" | "secret">>,
): Fields | Mismatch {
  const read = readText(template, value.reveal());
  if ("reason" in read) return { mismatch: read.reason };
  const entries = Object.entries(read.values);
  const isPublic = (name: string): boolean => Object.hasOwn(fields, name) && fields[name] === "public";
  return {
    public: Object.fromEntries(entries.filter(([name]) => isPublic(name))),
    secret: Object.fromEntries(
      entries.filter(([name]) => !isPublic(name)).map(([name, text]) => [name, new Secret(text)]),
    ),
  };
}

/**
 * Writes the credential into a value that exists already. Where the format is known only the fields change: options, their
 * order, quoting and layout stay byte for byte, and so does a field that has the value already. Throws
 * GiveUp("template_mismatch") when the value cannot be read by this template, beside the errors of `renderTemplate`.
 */
export function editByField(template: Template, existing: Secret, credential: Credential): Secret {
  return written(template, editText(template, existing.reveal(), valuesFor(template, credential)));
}

/** Whether the credential is what stands in the value: written into it again it changes no byte. */
export function roundTrips(template: Template, value: Secret, credential: Credential): boolean {
  const edited = editText(template, value.reveal(), valuesFor(template, credential));
  return "text" in edited && edited.text === value.reveal();
}

/** Puts together what several keys say of one credential. Two that disagree are a mismatch that names the field. */
export function mergeFields(all: readonly Fields[]): Fields | Mismatch {
  const open: Record<string, string> = {};
  const secret: Record<string, Secret> = {};
  for (const fields of all) {
    for (const [name, value] of Object.entries(fields.public)) {
      if (Object.hasOwn(open, name) && open[name] !== value) return disagree(name);
      open[name] = value;
    }
    for (const [name, value] of Object.entries(fields.secret)) {
      if (Object.hasOwn(secret, name) && secret[name]?.equals(value) === false) return disagree(name);
      secret[name] = value;
    }
  }
  return { public: open, secret };
}

function disagree(name: string): Mismatch {
  return { mismatch: `two keys disagree about "${name}"` };
}

function valuesFor(template: Template, credential: Credential): Values {
  return Object.fromEntries(
    template.fields.map((name) => {
      if (Object.hasOwn(credential.secret, name)) return [name, credential.secret[name]?.reveal() ?? ""];
      if (Object.hasOwn(credential.public, name)) return [name, credential.public[name] ?? ""];
      throw new KeyturnError("unknown_field", `the credential has no field "${name}"`, {
        hint: `it has ${[...Object.keys(credential.public), ...Object.keys(credential.secret)].join(", ")}`,
      });
    }),
  );
}

function written(
  template: Template,
  result: { readonly text: string } | { readonly code: string; readonly reason: string },
) {
  if ("text" in result) return new Secret(result.text);
  throw new GiveUp(result.code, result.reason, { hint: `the value's format is ${template.format}` });
}
