/** A catalog without a mistake, for tests that change one thing in it. */
export const good = `version: 1
connections:
  prod: { kind: kubernetes, context: prod }
policies:
  prod:
    channel: "#security-ops"
    requesters: ["@oncall", "@security"]
    approvals: [{ from: "@security", min: 1 }, { from: "@oncall", min: 1, else: "@platform-leads" }]
    expires: 30m
    retire: { between: "Mon-Fri 09:00-16:00", zone: Europe/Berlin }
targets:
  - secret: redis
    environment: prod
    policy: prod
    owner: "@platform"
    contacts: "#platform-support"
    rotator: { kind: vault, url: "https://vault:8200", admin: { username: keyturn, password: "env:VAULT_ADMIN" }, user: app }
    publish:
      - store: folder
        file: /etc/app/.env
        values:
          REDIS: "redis:6379,user={{username}},password={{password}}"
    consumers:
      - { kind: program, argv: [systemctl, reload, app] }
    checks:
      - { kind: http, url: "https://app/health" }
    grace: 24h
    graceMax: 72h
`;
