import { z } from "zod";
import type { Finding } from "../../core/ports.ts";
import type { Stored } from "./form.ts";
import { type Key, keyOf } from "./keys.ts";

/** The types whose key the API server takes as a JSON object only, and where the registries stand in it. */
const documents: Readonly<Record<string, { readonly dataKey: string; readonly root: readonly string[] }>> = {
  "kubernetes.io/dockerconfigjson": { dataKey: ".dockerconfigjson", root: ["auths"] },
  "kubernetes.io/dockercfg": { dataKey: ".dockercfg", root: [] },
};

/** What stands for a value in a dry run of this key: the server keeps nothing of it, but it looks at what types demand. Pure. */
export function standInFor({ type }: Pick<Stored, "type">, { dataKey, path }: Key): string {
  return path === undefined && documents[type]?.dataKey === dataKey ? '{"auths":{}}' : "keyturn-dry-run";
}

const Registry = z.looseObject({ auth: z.string().default("") });

/**
 * What would leave the old login in a pull secret: where an entry has `auth` (base64 of "name:password"), the kubelet takes
 * that and not `username` and `password` (DockerConfigEntry in pkg/credentialprovider). `text`: what the key holds. Pure.
 */
export function pullSecretNotes(
  { type, metadata: { namespace, name } }: Stored,
  names: readonly string[],
  text: (dataKey: string) => string | undefined,
): readonly Finding[] {
  const document = documents[type];
  if (document === undefined) return [];
  const { dataKey, root } = document;
  const paths = names
    .map(keyOf)
    .filter((key) => key.dataKey === dataKey)
    .map(({ path }) => path);
  const touches = (host: string, field: string): boolean =>
    paths.some((path) => path?.join("\n") === [...root, host, field].join("\n"));
  return registriesWithAuth(text(dataKey), root).flatMap((host): readonly Finding[] => {
    const pointer = `${dataKey}#/${[...root, host].map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
    const hint = `name the fields: "${pointer}/password": "{{password}}", and "${pointer}/auth": { template: "{{username}}:{{password}}", format: basic }`;
    if (paths.includes(undefined)) {
      return [
        {
          severity: "warning",
          code: "pull_secret_auth",
          sentence: `Secret ${namespace}/${name} holds the login of ${host} twice, and nodes use \`auth\`: a template of the whole ${dataKey} that does not fill it leaves the old login there`,
          hint,
        },
      ];
    }
    if (touches(host, "auth") || !["username", "password"].some((field) => touches(host, field))) return [];
    return [
      {
        severity: "error",
        code: "pull_secret_auth",
        sentence: `Secret ${namespace}/${name} holds the login of ${host} twice, and nodes use \`auth\`, which is not written here: they would go on with the old one`,
        hint,
      },
    ];
  });
}

function registriesWithAuth(text: string | undefined, root: readonly string[]): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(text ?? "{}");
    const Entries = z.record(z.string(), z.unknown());
    const entries = root.length === 0 ? Entries.parse(parsed) : z.object({ auths: Entries }).parse(parsed).auths;
    return Object.keys(entries).filter((host) => (Registry.safeParse(entries[host]).data?.auth ?? "") !== "");
  } catch {
    return [];
  }
}
