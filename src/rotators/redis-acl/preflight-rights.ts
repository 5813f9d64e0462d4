import { z } from "zod";
import type { Finding } from "../../core/ports.ts";
import type { AdminSession } from "./admin-login.ts";
import { versionOf } from "./hops.ts";
import { codeOf, replyOf } from "./reply-error.ts";
import { neededCommands, nodeRights } from "./rights.ts";
import type { Scope } from "./scope.ts";

/** Asks the server itself what Keyturn's user may do (ACL DRYRUN, 7.0 and later), and names what is missing. */
export async function findMissingRights({ config }: Scope, node: AdminSession): Promise<readonly Finding[]> {
  if (Number.parseInt(versionOf(node), 10) < 7) return [];
  const name = config.admin.username;
  const needed = neededCommands({
    replicationUser: config.replicationUser,
    saves: config.persist === "server",
    discover: config.sentinels === undefined ? config.discover : (config.discover ?? "replicas"),
  });
  const denied: string[] = [];
  for (const command of needed) {
    const answer = await dryRun(node, name, command);
    if (answer === "cannot ask") return [finding(node, name, ["ACL DRYRUN"], nodeRights)];
    if (answer === "denied") denied.push(command.slice(0, rightWords(command)).join(" "));
  }
  const rules = denied.map((command) => `+${command.toLowerCase().replace(" ", "|")}`);
  return denied.length === 0 ? [] : [finding(node, name, denied, rules)];
}

async function dryRun(
  node: AdminSession,
  name: string,
  command: readonly string[],
): Promise<"allowed" | "denied" | "cannot ask"> {
  try {
    return z.string().parse(await node.raw("ACL", "DRYRUN", name, ...command)) === "OK" ? "allowed" : "denied";
  } catch (error) {
    const reply = replyOf(error);
    if (reply === undefined) throw error;
    return codeOf(reply) === "NOPERM" ? "cannot ask" : "denied";
  }
}

function rightWords([name = ""]: readonly string[]): number {
  return ["ACL", "CLIENT", "CONFIG", "CLUSTER"].includes(name) ? 2 : 1;
}

function finding(node: AdminSession, name: string, denied: readonly string[], rules: readonly string[]): Finding {
  return {
    severity: "error",
    code: "admin_rights",
    sentence: `${name} may not run ${denied.join(", ")} at ${node.node}`,
    command: `ACL SETUSER ${name} ${rules.join(" ")}`,
  };
}
