/** The `rotator:` entry for a user of Superset, as examples/truload.yaml has it, at another address. */
export function supersetEntry(url: string, username: string, change: Readonly<Record<string, unknown>> = {}) {
  const session = { authorization: "Bearer {{access}}", "x-csrftoken": "{{csrf}}" };
  return {
    kind: "http-api",
    url,
    username,
    admin: {
      login: [
        {
          method: "POST",
          path: "/api/v1/security/login",
          body: { username: "keyturn", password: "env:SUPERSET_ADMIN", provider: "db", refresh: true },
          keep: { access: "$.access_token" },
        },
        {
          path: "/api/v1/security/csrf_token/",
          headers: { authorization: "Bearer {{access}}" },
          keep: { csrf: "$.result" },
        },
      ],
      headers: session,
    },
    find: {
      path: "/api/v1/security/users/?q=(filters:!((col:username,opr:eq,value:{{username}})))",
      list: "$.result",
    },
    set: { path: "/api/v1/security/users/{{id}}", body: { password: "{{password}}" } },
    test: {
      path: "/api/v1/security/login",
      body: { username: "{{username}}", password: "{{password}}", provider: "db" },
    },
    usableWithin: "0s",
    deadWithin: "0s",
    ...change,
  };
}
