import { expect, it } from "vitest";
import { loadCatalog } from "../../src/catalog/load.ts";
import { kinds } from "./kinds.ts";

const text = `version: 1
demmo: false
policies:
  prod:
    channel: security-ops
    approvals: [{ from: "@security", min: 0 }, { from: "@oncall", min: 1 }]
    expires: half an hour
    retire: { between: "Mon-Fri 09:00-16:00", zone: Berlin }
    onFailure: rolback
  alone:
    channel: "#ops"
    approvals: [{ from: "@security", min: 1 }]
targets:
  - secret: redis
    environment: prod
    policy: prd
    rotator: { kind: valt, url: "https://vault:8200" }
    owner: "@platform"
    publish:
      - store: folder
        file: /etc/app/.env
        values: { A: "{{username}}{{password}}", B: "{{password|bas64}}" }
    consumers: []
    grace: 24h
    grace: 25h
  - secret: postgres
    environment: prod
    policy: prod
    rotator: { kind: vault, url: "https://vault:8200", admin: { password: "env:DATABASE_URL" }, user: app, usr: app }
    publish:
      - store: foldr
        file: /etc/app/.env
        values: { C: "{{pasword}}" }
    consumers: [{ kind: program, argv: [login, "{{password}}"] }]
    chekcs: []
    grace: 24h
    graceMax: 1h
    owner: "@platform"
`;

it("twenty different mistakes give twenty problems at once, each with its line and what to do", () => {
  const result = loadCatalog(text, "catalog.yaml", kinds);
  const problems = "problems" in result ? result.problems : [];
  expect(problems.map(({ line, column, hint }) => `${line}:${column} ${hint}`)).toEqual([
    "2:1 did you mean demo?",
    '5:14 write a channel such as "#security-ops", or its id',
    "6:43 write at least 1",
    "7:14 write a length of time such as 15s, 30m or 24h",
    "8:53 write an IANA time zone such as Europe/Berlin",
    "9:16 did you mean rollback?",
    "12:5 ask for a second person, or say production: false",
    "16:13 did you mean prod?",
    "17:22 did you mean vault?",
    "22:35 put a character between them that no value holds, such as : or ;",
    "22:54 did you mean base64?",
    "23:5 write at least one workload, or live: zero consumers are never settled",
    "25:5 remove one of the two",
    "29:76 give the target a credential of its own, under another name",
    "29:108 did you mean user?",
    "31:16 did you mean folder?",
    "33:23 did you mean password?",
    "34:49 hand it over on stdin",
    "35:5 did you mean checks?",
    "37:15 write at least 24h",
  ]);
  for (const { file, sentence, found } of problems) {
    expect(file).toBe("catalog.yaml");
    expect(sentence).toMatch(/^[^.]{10,}[^.]$/);
    expect(found).not.toBe("");
  }
});
