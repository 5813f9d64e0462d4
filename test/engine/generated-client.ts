import { z } from "zod";

/** What a person does with the application. */
export type AdminClient = {
  /** The token of a session, or undefined when the login is refused. */
  readonly login: (email: string, password: string) => Promise<string | undefined>;
  /** Whose session it is, or undefined when it is refused. */
  readonly whoIs: (session: string) => Promise<string | undefined>;
  /** Settings, Users: deactivates another account. */
  readonly deactivate: (session: string, email: string) => Promise<void>;
};

const LoggedIn = z.object({ data: z.object({ token: z.string() }) });
const Me = z.object({ data: z.object({ email: z.string() }) });

export function adminClient(url: string): AdminClient {
  const send = async (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    await fetch(`${url}/api/v1/${path}`, { method: "POST", body: JSON.stringify(body), headers });
  return {
    login: async (email, password) => {
      const answer = await send("auth/login", { email, password });
      if (answer.status === 401) return undefined;
      return LoggedIn.parse(await answer.json()).data.token;
    },
    whoIs: async (session) => {
      const answer = await fetch(`${url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${session}` } });
      if (answer.status === 401) return undefined;
      return Me.parse(await answer.json()).data.email;
    },
    deactivate: async (session, email) => {
      const answer = await send("users/deactivate", { email }, { authorization: `Bearer ${session}` });
      if (!answer.ok) throw new Error(`deactivating is answered with ${String(answer.status)}`);
    },
  };
}
