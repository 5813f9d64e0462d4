import { GiveUp } from "../../core/errors.ts";
import { editField, readField } from "./document.ts";
import type { Form, Stored } from "./form.ts";
import { type Key, keyOf } from "./keys.ts";

type Texts = Readonly<Record<string, string>>;

/**
 * The text of one key; undefined where it is not there.
 *
 * @throws GiveUp store_key_binary, store_field: it is there and cannot be read as text
 */
export function textOf(form: Form, { data, binaryData }: Stored, key: Key): string | undefined {
  const { dataKey } = key;
  const stored = data[dataKey];
  if (stored === undefined && binaryData[dataKey] === undefined) return undefined;
  const text = stored === undefined ? undefined : form.decode(stored);
  if (text === undefined) {
    throw new GiveUp("store_key_binary", `${dataKey} holds bytes that are no text (UTF-8)`, {
      hint: "Keyturn writes text only; give the credential a key of its own",
    });
  }
  if (key.path === undefined) return text;
  const read = readField(text, key.path);
  if ("problem" in read) throw unreadable(key, read.problem);
  return read.value;
}

/**
 * What `data` must become so that the keys hold these texts: only data keys that differ, as stored; null removes one. Several
 * fields of one document are one change.
 *
 * @throws GiveUp store_key_binary, store_field, store_key_missing
 */
export function changesFor(
  form: Form,
  object: Stored,
  wanted: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | null>> {
  const next = new Map<string, string | undefined>();
  for (const [name, value] of Object.entries(wanted)) {
    const key = keyOf(name);
    const text = next.has(key.dataKey) ? next.get(key.dataKey) : textOf(form, object, { ...key, path: undefined });
    next.set(key.dataKey, key.path === undefined ? value : edited(text, key, key.path, value));
  }
  return Object.fromEntries(
    [...next]
      .map(([dataKey, text]): [string, string | null] => [dataKey, text === undefined ? null : form.encode(text)])
      .filter(([dataKey, stored]) => (object.data[dataKey] ?? null) !== stored),
  );
}

/** What the object's own manifest, kept by `kubectl apply`, says of these keys: it holds their old values. Never show them. */
export function appliedKeys({ metadata }: Stored, keys: readonly string[]): readonly string[] {
  const text = metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] ?? "";
  const parts = ["data", "stringData", "binaryData"].map((part) => partOf(text, part));
  const names = new Set(keys.map((name) => keyOf(name).dataKey));
  return [...names].filter((name) => parts.some((part) => Object.hasOwn(part, name)));
}

function edited(
  text: string | undefined,
  key: Key,
  path: readonly string[],
  value: string | undefined,
): string | undefined {
  if (text === undefined && value === undefined) return undefined;
  if (text === undefined) {
    const { name, dataKey } = key;
    throw new GiveUp("store_key_missing", `${dataKey} is not there, so ${name} cannot be written into it`, {
      hint: "create the document first, with the mapping that the field belongs to",
    });
  }
  const result = editField(text, path, value);
  if ("problem" in result) throw unreadable(key, result.problem);
  return result.text;
}

function unreadable({ name }: Key, problem: string): GiveUp {
  return new GiveUp("store_field", `the field ${name} ${problem}`, {
    hint: "a field is text in one YAML or JSON document, in a mapping that is there, without anchors and aliases",
  });
}

function partOf(text: string, part: string): Texts | object {
  try {
    const manifest: unknown = JSON.parse(text);
    const found = Object.entries(Object(manifest)).find(([name]) => name === part)?.[1];
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {};
  }
}
