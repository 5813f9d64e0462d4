import type { Credential } from "../../core/credential.ts";
import type { Finding } from "../../core/ports.ts";
import { controlFindings } from "../probes/control.ts";
import type { Seen } from "../probes/seen.ts";
import type { Config } from "./config.ts";
import { holds } from "./propose.ts";

/** What was seen: the answers to a password that nobody has, and the one in use. `unreached`: why the administrator was not let in. */
export type Sight = {
  readonly control: readonly Seen[];
  readonly current: Credential | undefined;
};

/** What people should know before the password is set. Pure. */
export function findingsOf(
  { url, username, password: { deny } }: Config,
  { control, current }: Sight,
): readonly Finding[] {
  const { host } = new URL(url);
  const findings: Finding[] = [
    ...controlFindings(control, "a password", current !== undefined),
    {
      severity: "info",
      code: "unfenced",
      sentence: `a request by a worker that was cut off cannot be called back at ${host}: who takes over waits one time-out and tries the new password first`,
    },
  ];
  const { password } = current?.secret ?? {};
  if (password !== undefined && holds(password.reveal(), deny)) {
    findings.push({
      severity: "warning",
      code: "default_password",
      sentence: `the password of ${username} in use now is made of a word that everybody knows`,
      hint: "it was easy to guess; look who has logged in with it",
    });
  }
  return findings;
}
