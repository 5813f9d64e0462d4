import type { Finding } from "../../core/ports.ts";
import type { AdminSession } from "./admin-login.ts";
import { settingOf } from "./replies.ts";
import type { Scope } from "./scope.ts";

/** Whether a restart of the server would forget what the rotation did. Whether it may write its files only writing tells. */
export async function findPersistenceTrouble({ config }: Scope, node: AdminSession): Promise<readonly Finding[]> {
  if (config.persist === "elsewhere") {
    return [
      {
        severity: "warning",
        code: "persisted_elsewhere",
        sentence: `a restart of ${node.node} brings back the users that somebody else wrote into its files`,
        hint: "put the hash of the new password there before the grace ends, and take the old one out after the rotation",
      },
    ];
  }
  const aclFile = settingOf(await node.call("CONFIG", "GET", "aclfile"), "aclfile");
  const configFile = node.info.get("config_file") ?? "";
  if (configFile !== "" || (aclFile !== "" && !config.replicationUser)) return [];
  const lost = aclFile === "" ? "the new password" : "masterauth";
  return [
    {
      severity: "warning",
      code: "not_persisted",
      sentence: `${node.node} runs without a ${aclFile === "" ? "configuration or ACL file" : "configuration file"}: a restart forgets ${lost}`,
      hint: "write its options to a file, and start it with that; from then on the rotation saves itself",
      command: "redis-server /etc/redis/redis.conf --aclfile /etc/redis/users.acl",
    },
  ];
}
