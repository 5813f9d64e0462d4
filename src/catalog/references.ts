import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { KeyturnError } from "../core/errors.ts";
import type { Finding } from "../core/ports.ts";
import { Secret } from "../core/secret.ts";
import { isOwnName } from "./rules-references.ts";

const sizeLimit = 64 * 1024;

/** What references are resolved with. `env`: the variables that the process was started with, read once. */
export type ReferenceSource = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `file:` stays inside of this folder. */
  readonly secretsFolder: string;
  readonly signal: AbortSignal;
  /** Told once per file that every user of the machine may read. */
  readonly warn?: (finding: Finding) => void;
};

/**
 * Reads `env:NAME` and `file:/path`, afresh at each call (files are replaced while the process runs). A relative path counts
 * from the secrets folder. One line end at the end of a file is not part of the value. Throws KeyturnError
 * "reference_unknown", "reference_forbidden", "reference_missing" or "reference_unreadable"; none holds a value.
 */
export function makeResolver(source: ReferenceSource): (reference: string) => Promise<Secret> {
  const warned = new Set<string>();
  return async (reference) => {
    source.signal.throwIfAborted();
    const [, scheme, name = ""] = /^(env|file):(.+)$/s.exec(reference) ?? [];
    if (scheme === "env") return variable(source.env, name);
    if (scheme === "file") return await fileValue(source, name, warned);
    throw new KeyturnError("reference_unknown", "this is no reference", {
      hint: "write env:NAME or file:/run/secrets/name",
    });
  };
}

function variable(env: ReferenceSource["env"], name: string): Secret {
  if (isOwnName(name)) {
    throw new KeyturnError("reference_forbidden", `env:${name} belongs to Keyturn itself`, {
      hint: "use another name",
    });
  }
  const value = /^[A-Za-z_]\w*$/.test(name) && Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined && value !== "") return new Secret(value);
  throw new KeyturnError("reference_missing", `the variable ${name} is ${value === "" ? "empty" : "not set"}`, {
    hint: "set it where Keyturn is started",
  });
}

async function fileValue(source: ReferenceSource, name: string, warned: Set<string>): Promise<Secret> {
  const path = await insideFolder(source.secretsFolder, name);
  // The path is resolved: a link that appears in its place now is not followed.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    unreadable(name),
  );
  try {
    const { mode, size } = await file.stat();
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    if (!isFile || size > sizeLimit) {
      const sentence = isFile ? `file:${name} is larger than ${sizeLimit} bytes` : `file:${name} is not a regular file`;
      throw new KeyturnError("reference_unreadable", sentence, {
        hint: "name a file that holds the value and nothing else",
      });
    }
    if ((mode & 0o004) !== 0 && !warned.has(path)) {
      warned.add(path);
      source.warn?.({
        severity: "warning",
        code: "reference_world_readable",
        sentence: `every user may read file:${name}`,
        command: `chmod o-r ${path}`,
      });
    }
    const text = await file.readFile({ encoding: "utf8", signal: source.signal });
    const value = text.replace(/\r?\n$/, "");
    if (value === "")
      throw new KeyturnError("reference_missing", `file:${name} is empty`, { hint: "write the value into it" });
    return new Secret(value);
  } finally {
    await file.close();
  }
}

async function insideFolder(folder: string, name: string): Promise<string> {
  const root = await realpath(folder).catch(unreadable(folder));
  const path = await realpath(isAbsolute(name) ? name : join(root, name)).catch(unreadable(name));
  const way = relative(root, path);
  if (way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return path;
  throw new KeyturnError("reference_forbidden", `file:${name} lies outside of the secrets folder`, {
    hint: `put it below ${folder}`,
  });
}

function unreadable(name: string): (cause: unknown) => never {
  return (cause) => {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const code = isMissing ? "reference_missing" : "reference_unreadable";
    throw new KeyturnError(code, `file:${name} ${isMissing ? "does not exist" : "cannot be read"}`, {
      hint: "check the path, and the rights of the user that Keyturn runs as",
      cause,
    });
  };
}
