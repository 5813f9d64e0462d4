import type { Credential } from "../../core/credential.ts";
import { KeyturnError } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { addressFindings } from "../probes/asked.ts";
import { controlFindings } from "../probes/control.ts";
import { presentTo } from "../probes/present.ts";
import { randomText } from "../probes/random-text.ts";
import { missingEmail, ownWords, wordsOf } from "./credential.ts";
import { passwordFor } from "./password.ts";
import { alphabetOf, breaches, isGuessable, lacking, type Policy, words } from "./policy.ts";
import type { Scope } from "./scope.ts";
import { openSession } from "./session.ts";

/**
 * Whether a password can be made that the application takes, whether its login and sessions can be asked, and what to know before
 * anybody approves. Opens a session of its own; changes nothing.
 */
export async function preflight(
  scope: Scope,
  current: Credential | undefined,
  alphabet: string | undefined,
): Promise<readonly Finding[]> {
  const { config } = scope;
  const email = current?.public["email"] ?? config.email;
  return [
    ...unmet(config.policy, alphabet ?? alphabetOf(config.policy)),
    ...(email === undefined ? [asFinding(missingEmail())] : await asked(scope, current, email)),
    ...ofCurrent(config.policy, current),
    ...emailChange(config.email, current),
    deploymentOnly,
  ];
}

/** A password that breaks the policy is never made: the request is refused. */
function unmet(policy: Policy, alphabet: string): readonly Finding[] {
  const hint = "correct the policy, or put the value into a template with fewer restrictions";
  const missing = lacking(policy, alphabet).map((name) => words[name]);
  if (missing.length > 0) {
    const sentence = `the policy needs a ${missing.join(" and a ")}, and templates and stores can carry none`;
    return [{ severity: "error", code: "policy_unmet", sentence, hint }];
  }
  if (!isGuessable(policy, alphabet)) return [];
  const sentence = "a password of what the policy allows and the places carry could be guessed";
  return [{ severity: "error", code: "policy_unmet", sentence, hint }];
}

async function asked(scope: Scope, current: Credential | undefined, email: string): Promise<readonly Finding[]> {
  const { config, asker } = scope;
  const password = passwordFor(config.policy, alphabetOf(config.policy), ownWords(email));
  const nobodys = { public: { email }, secret: { password } };
  const logins = await presentTo(config.login, wordsOf(nobodys), asker);
  return [
    ...controlFindings(logins, "a password", current !== undefined),
    ...addressFindings([...config.login, ...(config.session?.accept ?? [])], "takes the password"),
    ...(config.session === undefined ? [noSessionProbe] : await sessions(scope, current)),
  ];
}

async function sessions(scope: Scope, current: Credential | undefined): Promise<readonly Finding[]> {
  const session = randomText("base64url", 32);
  const seen = await presentTo(scope.config.session?.accept ?? [], { session }, scope.asker);
  const control = controlFindings(seen, "a session", current !== undefined);
  if (current === undefined || control.some(({ severity }) => severity === "error")) return control;
  try {
    await openSession(scope, current);
    return control;
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    return [...control, asFinding(error)];
  }
}

/** It may have to come back: then the application has to take it once more. */
function ofCurrent(policy: Policy, current: Credential | undefined): readonly Finding[] {
  const password = current?.secret["password"];
  if (current === undefined || password === undefined) return [];
  const broken = breaches(policy, password, ownWords(current.public["email"] ?? ""));
  if (broken.length === 0) return [];
  const sentence = `the password in use breaks the policy: it ${broken.join(", ")}`;
  const hint =
    "treat it as leaked if it was chosen by hand; if the application does not start with it, there is no way back";
  return [{ severity: "warning", code: "weak_password", sentence, hint }];
}

function emailChange(email: string | undefined, current: Credential | undefined): readonly Finding[] {
  const old = current?.public["email"];
  if (email === undefined || old === undefined || email === old) return [];
  const sentence = `the email changes from ${old} to ${email}: the account of the old one may stay, with its old password`;
  const hint =
    "the application's own documentation says so; if it stays, somebody deactivates it after the roll-out, and until then the " +
    "rotation is blocked, because the old password is still accepted";
  return [{ severity: "warning", code: "email_changes", sentence, hint }];
}

const noSessionProbe: Finding = {
  severity: "warning",
  code: "no_session_probe",
  sentence: "whether sessions of the old password end cannot be asked, so the proof of that is left out",
  hint: "add session: an address that only a session lets in",
};

const deploymentOnly: Finding = {
  severity: "warning",
  code: "deployment_layer_only",
  sentence:
    "this account is managed by the deployment: a password that is set in the user interface ends with the next start",
  hint: "change it here and nowhere else",
};

function asFinding({ code, message, hint }: KeyturnError): Finding {
  return { severity: "error", code, sentence: message, ...(hint === undefined ? {} : { hint }) };
}
