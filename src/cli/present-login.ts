import { draftOf } from "../core/desk/make-plan.ts";
import { KeyturnError } from "../core/errors.ts";
import { openAdapters } from "../core/open.ts";
import type { Secret } from "../core/secret.ts";
import { parseTemplate, type Template } from "../core/templates/parse.ts";
import { fieldsOf } from "../core/templates/shape.ts";
import { type Fields, type Mismatch, mergeFields, readBack } from "../core/templates.ts";
import type { Found } from "./target.ts";

/** A place whose value has not the shape that the catalog wants yet: it sends a password and no user name. */
type Nameless = { readonly label: string; readonly key: string; readonly template: string };
type PresentLogin = { readonly username: string; readonly password: Secret; readonly nameless: readonly Nameless[] };

/**
 * The login that applications use today, read out of their stores. A value that the template fits but for the user name is a
 * login of `default`. Throws KeyturnError("current_unknown").
 */
export async function presentLogin({ target, kinds, context }: Found): Promise<PresentLogin> {
  const draft = draftOf(kinds, target);
  const open = openAdapters(kinds, draft, context);
  const found: Fields[] = [];
  const nameless: Nameless[] = [];
  try {
    for (const [index, store] of (await open.stores()).entries()) {
      const { label = "", values: wanted = {} } = draft.publishes[index] ?? {};
      const { values } = await store.read(Object.keys(wanted));
      for (const [key, { template: text, format, only }] of Object.entries(wanted)) {
        const value = values[key];
        if (only !== undefined || value === undefined) {
          continue;
        }
        const template = parseTemplate(text, format);
        const read = readBack(template, value, draft.rotator.fields);
        const again = "mismatch" in read ? readBack(withoutName(template), value, draft.rotator.fields) : read;
        if ("mismatch" in again) {
          throw unknown(`${label}, key ${key}: ${again.mismatch}`);
        }
        found.push(again);
        if (again !== read) {
          nameless.push({ label, key, template: text });
        }
      }
    }
  } finally {
    await open.close();
  }
  const merged: Fields | Mismatch = mergeFields(found);
  const password = "mismatch" in merged ? undefined : merged.secret["password"];
  if ("mismatch" in merged || password === undefined) {
    throw unknown("mismatch" in merged ? merged.mismatch : "no template has a password");
  }
  return { username: merged.public["username"] ?? "default", password, nameless };
}

function withoutName(template: Template): Template {
  const isName = (span: Template["spans"][number]): boolean =>
    fieldsOf(span.shape).every(({ name }) => name === "username");
  return { ...template, spans: template.spans.filter((span) => !isName(span)) };
}

function unknown(why: string): KeyturnError {
  return new KeyturnError("current_unknown", `the present password cannot be read out of the store: ${why}`, {
    hint: "make the store agree with the templates of this target",
  });
}
