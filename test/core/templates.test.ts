import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Credential } from "../../src/core/credential.ts";
import { GiveUp, KeyturnError } from "../../src/core/errors.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Format } from "../../src/core/target.ts";
import { parseTemplate, tryTemplate } from "../../src/core/templates/parse.ts";
import { editByField, mergeFields, readBack, renderTemplate, roundTrips } from "../../src/core/templates.ts";

const fields = { username: "public", host: "public", password: "secret", key: "secret" } as const;
const anyText = fc.string({ unit: "binary", maxLength: 40 }).filter((text) => !text.includes("\0"));

function credential(password: string, username = "app"): Credential {
  return {
    ref: { principal: username, generation: "1" },
    public: { username, host: "db" },
    secret: { password: new Secret(password), key: new Secret(password) },
  };
}

function read(text: string, value: string) {
  const back = readBack(parseTemplate(text), new Secret(value), fields);
  if ("mismatch" in back) return back;
  const secret = Object.fromEntries(Object.entries(back.secret).map(([name, one]) => [name, one.reveal()]));
  return { ...back.public, ...secret };
}

function edit(text: string, existing: string, password: string, username = "app"): string {
  return editByField(parseTemplate(text), new Secret(existing), credential(password, username)).reveal();
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof KeyturnError ? error.code : "other";
  }
  return "none";
}

const ado = "Host=db;Username={{username}};Password={{password|ado}}";
const redis = "redis:6379,user={{username}},password={{password}}";
const url = "postgresql://{{username}}:{{password|url}}@db:5432/app?sslmode=require";
const libpq = "host=db user={{username}} password={{password|libpq}}";
const json = '{\n  "db": { "user": "{{username}}", "password": "{{password}}" }\n}';
const yaml = "db:\n  user: {{username}}\n  password: {{password|yaml}}\n";

describe("the format of a template", () => {
  it.each([
    [ado, "ado"],
    [redis, "stackexchange"],
    [url, "url"],
    ["jdbc:postgresql://db/app?user={{username}}&password={{password}}", "url"],
    ["redis://:{{password|url}}@redis:6379/0", "url"],
    [libpq, "libpq"],
    [json, "json"],
    [yaml, "yaml"],
    ["{{password}}", "text"],
    ["Basic {{username}}:{{password}}", "basic"],
    ["Bearer {{key}}", "text"],
    ["Authorization: Bearer {{key}}", "text"],
    ["{{username}}:{{password}}", "text"],
    ["export PGPASSWORD={{password|shell}}", "text"],
  ] as const satisfies readonly (readonly [string, Format])[])("%s is %s", (text, format) => {
    expect(parseTemplate(text).format).toBe(format);
  });
});

describe("forwards and backwards", () => {
  it.each([
    ado,
    url,
    libpq,
    json,
    yaml,
    "{{username|base64}}:{{password|base64}}",
    "export A={{password|shell}}",
    "Basic {{username}}:{{password}}",
    "db:5432:*:{{username|pgpass}}:{{password|pgpass}}",
  ])("any value survives %s", (text) => {
    const template = parseTemplate(text);
    fc.assert(
      fc.property(anyText, (password) => {
        const value = renderTemplate(template, credential(password));
        expect(read(text, value.reveal())).toMatchObject({ password });
        expect(roundTrips(template, value, credential(password))).toBe(true);
        expect(editByField(template, value, credential(password)).reveal()).toBe(value.reveal());
        expect(edit(text, renderTemplate(template, credential("before")).reveal(), password)).toBe(value.reveal());
      }),
    );
  });

  it("a value that a bare template cannot carry is refused, never written", () => {
    const template = parseTemplate(redis);
    fc.assert(
      fc.property(anyText, (password) => {
        const outcome = codeOf(() => renderTemplate(template, credential(password)));
        if (outcome === "value_ambiguous") return;
        expect(outcome).toBe("none");
        expect(read(redis, renderTemplate(template, credential(password)).reveal())).toEqual({
          username: "app",
          password,
        });
      }),
    );
    expect(codeOf(() => renderTemplate(template, credential("a,b")))).toBe("value_ambiguous");
    expect(() => renderTemplate(template, credential("a,b")), "trying again cannot help").toThrow(GiveUp);
    expect(codeOf(() => renderTemplate(template, credential("a\0b")))).toBe("value_ambiguous");
    expect(codeOf(() => renderTemplate(template, credential("\ud800")))).toBe("value_ambiguous");
  });

  it("fields are split into public and secret, and a field that is not known counts as secret", () => {
    const back = readBack(parseTemplate("{{username}}:{{scram}}"), new Secret("app:x"), fields);
    expect(back).toMatchObject({ public: { username: "app" } });
    expect(String("secret" in back && back.secret["scram"])).toBe("[secret]");
  });

  it("a nested encoding is taken back in the opposite order", () => {
    const text = '{"url":"redis://{{username|url}}:{{password|url}}@redis"}';
    const value = renderTemplate(parseTemplate(text), credential('a"/@')).reveal();
    expect(value).toBe('{"url":"redis://app:a%22%2F%40@redis"}');
    expect(read(text, value)).toEqual({ username: "app", password: 'a"/@' });
  });

  it("a mismatch says where, and holds no part of the value", () => {
    for (const [text, value] of [
      [ado, "Host=db;Username=app;Password='canary"],
      [ado, "Host=db;Username=app;Pasword=canary"],
      [redis, "redis:6379,password=canary"],
      [url, "canary"],
      [json, '{"db":{"user":"app","password":7}, "canary": 1}'],
      ["{{username}}:{{password}}", "canary"],
      [redis, "redis:6379,user=a,password=canary,password=canary2"],
    ] as const) {
      const back = read(text, value);
      expect(back).toHaveProperty("mismatch");
      expect(JSON.stringify(back)).not.toContain("canary");
    }
  });

  it("a credential that is not the one in the value does not round-trip", () => {
    const value = renderTemplate(parseTemplate(ado), credential("old"));
    expect(roundTrips(parseTemplate(ado), value, credential("new"))).toBe(false);
    expect(roundTrips(parseTemplate(ado), new Secret("Host=db"), credential("old"))).toBe(false);
  });

  it("two keys that disagree are named, two that agree become one credential", () => {
    const user = readBack(parseTemplate("{{username}}"), new Secret("app"), fields);
    const both = readBack(parseTemplate(ado), new Secret("Host=db;Username=app;Password=p"), fields);
    const other = readBack(parseTemplate(ado), new Secret("Host=db;Username=app;Password=q"), fields);
    if ("mismatch" in user || "mismatch" in both || "mismatch" in other) throw new Error("unreadable");
    expect(mergeFields([user, both])).toMatchObject({ public: { username: "app" } });
    expect(mergeFields([both, other])).toEqual({ mismatch: 'two keys disagree about "password"' });
  });
});

describe("an edit by field keeps what people added by hand", () => {
  it.each([
    [
      "ado",
      ado,
      "Pooling=true; host=other ; user id=x;Pwd='o;ld';Timeout=5;",
      "Pooling=true; host=other ; user id=app;Pwd='n;w';Timeout=5;",
      "n;w",
    ],
    [
      "stackexchange",
      redis,
      "redis:6379, r2:6379, password=a=b, user=x, abortConnect=false",
      "redis:6379, r2:6379, password=n=w, user=app, abortConnect=false",
      "n=w",
    ],
    [
      "url",
      url,
      "postgres://x:o%2Fld@h1:1,h2:2/app?application_name=me&sslmode=disable#f",
      "postgres://app:n%3Aw@h1:1,h2:2/app?application_name=me&sslmode=disable#f",
      "n:w",
    ],
    ["a URL with an unencoded @", url, "postgres://x:o@ld@h1/app", "postgres://app:n%40w@h1/app", "n@w"],
    [
      "libpq",
      libpq,
      "password='o\\'ld'  user = x host=other connect_timeout=3",
      "password='n w'  user = app host=other connect_timeout=3",
      "n w",
    ],
    [
      "json",
      json,
      '{"z":[1,{"password":"no"}],"db":{"password" : "o\\"ld","port":5432,"user":"x"}}',
      '{"z":[1,{"password":"no"}],"db":{"password" : "n\\"w","port":5432,"user":"app"}}',
      'n"w',
    ],
    [
      "yaml",
      yaml,
      "# mine\ndb:\n  port: 5432 # fixed\n  list:\n  - password: no\n  text: |\n    password: no\n  password: 'o''ld' # old\n  user: x\nother:\n  password: no\n",
      "# mine\ndb:\n  port: 5432 # fixed\n  list:\n  - password: no\n  text: |\n    password: no\n  password: 'n''w' # old\n  user: app\nother:\n  password: no\n",
      "n'w",
    ],
  ] as const)("%s", (_name, text, before, after, password) => {
    expect(edit(text, before, password)).toBe(after);
    expect(read(text, after)).toEqual({ username: "app", password });
  });

  it("a field that has the value already keeps its bytes", () => {
    expect(edit(url, "postgres://app:a%2fb@db/app", "a/b")).toBe("postgres://app:a%2fb@db/app");
    expect(edit(ado, 'Username="app";Password="p"', "p")).toBe('Username="app";Password="p"');
  });

  it("a value that the template cannot read is not written over", () => {
    expect(codeOf(() => edit(ado, "something else", "p"))).toBe("template_mismatch");
    expect(() => edit(ado, "something else", "p"), "trying again cannot help").toThrow(GiveUp);
    expect(codeOf(() => edit(redis, "redis:6379,password=a", "p"))).toBe("template_mismatch");
  });
});

describe("a template that cannot be read backwards is refused with its column", () => {
  it.each([
    ["{{username}}{{password}}", 13, undefined],
    ["{{username}}_{{password}}", 14, undefined],
    ["{{username|base64}}/{{password}}", 21, undefined],
    ["{{username|url}}.{{password}}", 18, undefined],
    ["{{username|json}}, {{password}}", 20, undefined],
    ["x {{username", 3, undefined],
    ["x {{user name}}", 3, undefined],
    ["{{password|urll}}", 1, "did you mean url?"],
    ["{{previous.key}}", 1, undefined],
    ["{{key}},{{accepted.key}}", 9, undefined],
    ["no field", 1, undefined],
    ['{"port": {{password}}}', undefined, undefined],
    ["Username={{username}};username={{password}};", 10, undefined],
    ["a\u{e000}{{password}}", 2, undefined],
  ] as const)("%s", (text, column, hint) => {
    const fault = tryTemplate(text, text.startsWith('{"') ? "json" : undefined);
    expect(fault).toMatchObject({ sentence: expect.any(String), ...(column === undefined ? {} : { column }) });
    if (hint !== undefined) expect(fault).toMatchObject({ hint });
    expect(codeOf(() => parseTemplate(text, text.startsWith('{"') ? "json" : undefined))).toBe("template");
  });

  it("the error text names the column", () => {
    expect(() => parseTemplate("ab{{x|nope}}")).toThrow(/^column 3: no such encoder$/);
  });

  it("a field outside of every value of the format is refused", () => {
    expect(tryTemplate("Host=db;{{username}}=x;Password={{password}}")).toMatchObject({ column: 9 });
  });
});

describe("a field of the accepted slot", () => {
  it("is written from the credential that is handed in", () => {
    const template = parseTemplate("{{accepted.key}}");
    expect(template.slot).toBe("accepted");
    expect(renderTemplate(template, credential("old")).reveal()).toBe("old");
    expect(parseTemplate("{{key}}").slot).toBe("primary");
  });
});

it("a field that the credential has not is an error that names those it has", () => {
  expect(codeOf(() => renderTemplate(parseTemplate("{{passwrd}}"), credential("p")))).toBe("unknown_field");
});

describe("values that are made of others", () => {
  it("a header of HTTP Basic is name and password in base64, and gives both back", () => {
    const template = parseTemplate("Basic {{username}}:{{password}}");
    expect(renderTemplate(template, credential("p:w")).reveal()).toBe(`Basic ${btoa("app:p:w")}`);
    expect(read(template.text, `basic ${btoa("app:p:w")}`)).toEqual({ username: "app", password: "p:w" });
    expect(edit(template.text, `basic ${btoa("app:old")}`, "new")).toBe(`basic ${btoa("app:new")}`);
  });

  it("a line of .pgpass escapes what separates its fields", () => {
    const line = "*:*:app:{{username|pgpass}}:{{password|pgpass}}";
    expect(renderTemplate(parseTemplate(line), credential("a:b\\c")).reveal()).toBe("*:*:app:app:a\\:b\\\\c");
    expect(read(line, "*:*:app:app:a\\:b\\\\c")).toEqual({ username: "app", password: "a:b\\c" });
  });
});
