import { KeyturnError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { Format } from "../core/target.ts";
import { alphabetFor } from "../core/templates/alphabet.ts";
import { type Template, tryTemplate } from "../core/templates/parse.ts";
import type { BoundTarget } from "./bound.ts";
import type { Mistake, Path } from "./problem.ts";
import { entriesAt, listAt, member, textAt, textsIn } from "./raw.ts";
import { onlyRules } from "./rules-only.ts";

/** The templates of a target can be read, name fields that its rotator has, carry a secret, and leave an alphabet. */
export function templateRules(target: BoundTarget): readonly Mistake[] {
  const mistakes: Mistake[] = [...onlyRules(target)];
  const templates: Template[] = [];
  const readBack: Template[] = [];
  const alone: Mistake[] = [];
  for (const [index, entry] of listAt(target.value, "publish").entries()) {
    const first = templates.length;
    for (const [key, value] of entriesAt(entry, "values")) {
      const isShort = typeof value === "string";
      const text = isShort ? value : textAt(value, "template");
      const path = [...target.path, "publish", index, "values", key, ...(isShort ? [] : ["template"])];
      const format = Format.safeParse(isShort ? undefined : textAt(value, "format")).data;
      if (text === undefined) continue;
      const read = readTemplate(text, path, format);
      if ("mistake" in read) mistakes.push(read.mistake);
      else {
        templates.push(read.template);
        if (isShort || member(value, "only") === undefined) readBack.push(read.template);
        mistakes.push(...unknownFields(target, read.template, path), ...acceptedSlot(target, read.template, path));
      }
    }
    alone.push(...acceptedAlone([...target.path, "publish", index], templates.slice(first)));
  }
  if (mistakes.length > 0 || templates.length === 0) return [...mistakes, ...commandSecrets(target)];
  return [
    ...nothingAccepted(target, templates),
    ...alone,
    ...noSecret(target, readBack, templates.length > readBack.length),
    ...alphabetLeft(target, templates),
    ...commandSecrets(target),
  ];
}

/** Only an accept-first credential is ever accepted beside another one in the same application. */
function acceptedSlot({ rotator }: BoundTarget, { slot, text }: Template, path: Path): readonly Mistake[] {
  if (slot === "primary" || rotator === undefined || rotator.shape.overlap === "accept-first") return [];
  const sentence = "nothing is ever accepted beside the current credential of this kind";
  return [{ path, found: text, sentence, hint: "leave this key out, or choose a mode of the rotator with an overlap" }];
}

/** Without a key for the accepted one no instance could be told of it before another one uses it. */
function nothingAccepted({ rotator, path }: BoundTarget, templates: readonly Template[]): readonly Mistake[] {
  if (rotator?.shape.overlap !== "accept-first" || templates.some(({ slot }) => slot === "accepted")) return [];
  const [field = "key"] = Object.keys(rotator.shape.fields);
  const sentence = "no key of this target holds what is accepted beside the current credential";
  const hint = `add the application's second variable, such as JWT_SECRET_PREVIOUS: "{{accepted.${field}}}"`;
  return [{ path: [...path, "publish"], at: "key", found: "nothing accepted", sentence, hint }];
}

/** Who restarts between two writes would read the new one in both variables, and refuse the old: both are written in one step. */
function acceptedAlone(path: Path, templates: readonly Template[]): readonly Mistake[] {
  const [accepted] = templates;
  if (accepted === undefined || templates.some(({ slot }) => slot === "primary")) return [];
  const sentence = "this place holds only what is accepted beside the current credential, not the current one";
  const hint = `write {{${accepted.fields.join("}} and {{")}}} into the same place, so that both change in one step`;
  return [{ path: [...path, "values"], at: "key", found: accepted.text, sentence, hint }];
}

function readTemplate(
  text: string,
  path: Path,
  format: Format | undefined,
): { readonly template: Template } | { readonly mistake: Mistake } {
  const parsed = tryTemplate(text, format);
  if (!("sentence" in parsed)) return { template: parsed };
  const { column, found, sentence, hint, allowed = [] } = parsed;
  // A text without any field may be a secret that somebody wrote out.
  const shownText = found === text ? `a text of ${text.length} characters` : found;
  return { mistake: { path, offset: column - 1, found: shownText, allowed, sentence: `template: ${sentence}`, hint } };
}

function unknownFields(target: BoundTarget, template: Template, path: Path): readonly Mistake[] {
  const allowed = Object.keys(target.rotator?.shape.fields ?? {});
  if (target.rotator === undefined) return [];
  return template.spans
    .flatMap(({ shape }) => shape)
    .filter((piece) => typeof piece !== "string")
    .filter(({ name }) => !allowed.includes(name))
    .map(({ name, column }) => {
      const near = nearest(name, allowed);
      return {
        path,
        offset: column - 1,
        found: name,
        allowed,
        sentence: `the rotator has no field "${name}"`,
        hint: near === undefined ? `it has ${allowed.join(", ")}` : `did you mean ${near}?`,
      };
    });
}

/** Keys with `only` are not read back, so another one must hold the secret: else nothing tells the current credential. */
function noSecret(target: BoundTarget, templates: readonly Template[], besideOnly: boolean): readonly Mistake[] {
  const fields = target.rotator?.shape.fields;
  if (fields === undefined || templates.some((template) => template.fields.some((name) => fields[name] === "secret")))
    return [];
  const secret = Object.keys(fields).filter((name) => fields[name] === "secret");
  return [
    {
      path: [...target.path, "publish"],
      at: "key",
      found: [...new Set(templates.flatMap((template) => template.fields))].join(", "),
      allowed: secret,
      sentence: `no key of this target${besideOnly ? ' without "only"' : ""} holds what is rotated`,
      hint: `use {{${secret.join("}} or {{")}}} in one of the values`,
    },
  ];
}

function alphabetLeft(target: BoundTarget, templates: readonly Template[]): readonly Mistake[] {
  try {
    alphabetFor(
      templates,
      target.stores.map((store) => store?.shape.alphabet),
      target.rotator?.shape.symbols,
    );
    return [];
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    return [
      {
        path: [...target.path, "publish"],
        at: "key",
        found: "their alphabets",
        sentence: error.message,
        hint: error.hint ?? "",
      },
    ];
  }
}

/** Arguments and environments of commands are seen by others: no secret field and no reference may be filled in there. */
function commandSecrets(target: BoundTarget): readonly Mistake[] {
  const fields = target.rotator?.shape.fields ?? {};
  const isSecret = (name: string): boolean =>
    /^(?:env|file):/.test(name) || (Object.hasOwn(fields, name) && fields[name] === "secret");
  return ["consumers", "checks"].flatMap((part) =>
    listAt(target.value, part).flatMap((entry, index) =>
      textsIn(entry, [...target.path, part, index])
        .filter(({ path }) => isOfCommand(path))
        .flatMap(({ text, path }) =>
          [...text.matchAll(/\{\{\s*(?:accepted\.)?([^\s}|]+)[^}]*\}\}/g)]
            .filter(([, name = ""]) => isSecret(name))
            .map((found) => ({
              path,
              offset: found.index,
              found: found[0],
              sentence: "a secret in arguments or environment can be seen by other processes of the machine",
              hint: "hand it over on stdin",
            })),
        ),
    ),
  );
}

/** Lists of texts are arguments, except in what a request sends. */
function isOfCommand(path: Path): boolean {
  const isSent = path.includes("body") || path.includes("headers");
  return !isSent && (typeof path.at(-1) === "number" || path.includes("env"));
}
