import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import type { Finding } from "../../core/ports.ts";
import { isVacant, readUser } from "./acl-user.ts";
import { ipOf } from "./address.ts";
import type { AdminSession } from "./admin-login.ts";
import { isOurs, readClients } from "./client-list.ts";
import { versionOf } from "./hops.ts";
import type { Scope } from "./scope.ts";

/** Where two users take turns: the other one must be vacant, and both must be allowed the same. */
export async function findTurnTrouble(
  scope: Scope,
  node: AdminSession,
  current: Credential | undefined,
): Promise<readonly Finding[]> {
  const [first, second] = scope.principals;
  if (first === undefined || second === undefined) return [];
  const users = { [first]: await readUser(node, first), [second]: await readUser(node, second) };
  const rules = rulesOf(await node.call("ACL", "LIST"));
  const used =
    current?.ref.principal ??
    [first, second].find((name) => users[name] !== undefined && !isVacant(users[name])) ??
    first;
  const vacant = used === first ? second : first;
  const other = users[vacant];
  return [
    ...(other === undefined || isVacant(other) ? [] : [notVacant(node, vacant)]),
    ...(other !== undefined && isVacant(other) ? await openSessions(scope, node, vacant) : []),
    ...(users[used] === undefined || other === undefined || rules.get(used) === rules.get(vacant)
      ? []
      : [differ(node, used, vacant, rules.get(used) ?? "")]),
  ];
}

function notVacant(node: AdminSession, name: string): Finding {
  return {
    severity: "error",
    code: "user_not_vacant",
    vacancy: true,
    sentence: `${name} can log in at ${node.node}, so it is not free to take over`,
    hint: "look in CLIENT LIST and ACL LOG who uses it; the command refuses new logins of it, and can be taken back",
    command: `ACL SETUSER ${name} off`,
  };
}

async function openSessions(scope: Scope, node: AdminSession, name: string): Promise<readonly Finding[]> {
  const open = (await readClients(node)).filter((client) => client.user === name && !isOurs(scope, client));
  if (open.length === 0) return [];
  const places = [...new Set(open.map(({ addr }) => ipOf(addr)))].join(", ");
  return [
    {
      severity: "error",
      code: "other_sessions",
      sentence: `${name} cannot log in any more and still has sessions at ${node.node}, from ${places}`,
      hint: "whoever reconnects is refused: bring them to the present user first; the command ends the sessions",
      command: `CLIENT KILL USER ${name}`,
    },
  ];
}

function differ(node: AdminSession, used: string, vacant: string, rules: string): Finding {
  const reset =
    Number.parseInt(versionOf(node), 10) >= 7 ? "resetkeys resetchannels clearselectors" : "resetkeys resetchannels";
  return {
    severity: "error",
    code: "rights_differ",
    sentence: `${vacant} is not allowed the same as ${used} at ${node.node}`,
    command: `ACL SETUSER ${vacant} ${reset} -@all ${rules}`,
  };
}

/** By user: what it may do, without state and passwords, as ACL LIST prints it. */
function rulesOf(reply: unknown): ReadonlyMap<string, string> {
  const lines = z.array(z.string()).parse(reply);
  return new Map(lines.map((line) => [line.split(" ")[1] ?? "", line.split(" ").slice(2).filter(isRule).join(" ")]));
}

function isRule(word: string): boolean {
  return !["on", "off", "nopass"].includes(word) && !word.startsWith("#");
}
