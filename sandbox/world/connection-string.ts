/** A URL with user and password, out of what applications have in their `.env`: a URL, an ADO.NET or a StackExchange.Redis string. */
export function urlOf(kind: "postgres" | "redis", text: string): string {
  if (/^[a-z][a-z+]*:\/\//.test(text)) {
    return text;
  }
  return kind === "postgres" ? fromAdo(text) : fromStackExchange(text);
}

/** `Host=db;Port=5432;Database=app;Username=u;Password=p`: names in any case, values quoted where they must be. */
function fromAdo(text: string): string {
  const found = new Map<string, string>();
  for (const [, name = "", double, single, plain = ""] of text.matchAll(
    /([^=;]+)=(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*))(?:;|$)/g,
  )) {
    const value = double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain.trim();
    found.set(name.trim().toLowerCase(), value);
  }
  const login = `${encoded(found, "username", "user id")}:${encoded(found, "password")}`;
  return `postgresql://${login}@${found.get("host") ?? ""}:${found.get("port") ?? "5432"}/${encoded(found, "database")}`;
}

/** `host:6379,user=u,password=p,ssl=false`: without a user it is `default`. */
function fromStackExchange(text: string): string {
  const [place = "", ...options] = text.split(",");
  const found = new Map(
    options.map((option) => [
      option.slice(0, option.indexOf("=")).trim().toLowerCase(),
      option.slice(option.indexOf("=") + 1),
    ]),
  );
  const user = found.has("user") ? encoded(found, "user") : "default";
  return `redis://${user}:${encoded(found, "password")}@${place}`;
}

function encoded(found: ReadonlyMap<string, string>, ...names: readonly string[]): string {
  return encodeURIComponent(names.map((name) => found.get(name)).find((value) => value !== undefined) ?? "");
}
