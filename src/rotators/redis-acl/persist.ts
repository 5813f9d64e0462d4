import { KeyturnError } from "../../core/errors.ts";
import type { AdminSession } from "./admin-login.ts";
import { readableError, replyOf } from "./reply-error.ts";
import type { Scope } from "./scope.ts";

/**
 * Writes the users of every node to its own disk: into the ACL file, else into redis.conf. `settings`: redis.conf too,
 * because masterauth lives there in any case. A server that has neither file is left as it is; preflight has said so.
 * Throws KeyturnError("not_persisted") when the server could not write.
 */
export async function persist(scope: Scope, nodes: readonly AdminSession[], { settings = false } = {}): Promise<void> {
  if (scope.config.persist === "elsewhere") return;
  for (const node of nodes) {
    const hasAclFile = await write(scope, node, ["ACL", "SAVE"]);
    if (!hasAclFile || settings) await write(scope, node, ["CONFIG", "REWRITE"]);
  }
}

const noSuchFile = /not configured to use an ACL file|running without a config file/;

/** False: the server has no such file. */
async function write(scope: Scope, node: AdminSession, command: readonly [string, string]): Promise<boolean> {
  try {
    scope.context.session.guard();
    await node.raw(...command);
    return true;
  } catch (error) {
    const reply = replyOf(error);
    if (reply !== undefined && noSuchFile.test(reply)) return false;
    if (reply === undefined || reply.startsWith("NOPERM")) throw readableError(error, node.node, command.join(" "));
    throw new KeyturnError(
      "not_persisted",
      `${node.node} could not write its users to disk with ${command.join(" ")}`,
      {
        hint: 'let the server write its ACL file or redis.conf and the folder it is in, or declare "persist: elsewhere"',
      },
    );
  }
}
