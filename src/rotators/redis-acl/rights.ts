/** What Keyturn's own user must be allowed at every node, and nothing more: it reads and writes no data. */
export const nodeRights = [
  "+acl|getuser",
  "+acl|setuser",
  "+acl|list",
  "+acl|save",
  "+acl|log",
  "+acl|whoami",
  "+acl|dryrun",
  "+client|list",
  "+client|kill",
  "+client|setname",
  "+config|get",
  "+config|set",
  "+config|rewrite",
  "+cluster|nodes",
  "+cluster|info",
  "+info",
  "+role",
  "+time",
  "+ping",
] as const;

/**
 * The commands for which preflight asks ACL DRYRUN, with arguments of the right number. What only some targets need is
 * asked only for those: CONFIG SET and the discovery commands.
 */
export function neededCommands(target: {
  readonly replicationUser: boolean;
  readonly saves: boolean;
  readonly discover: "replicas" | "cluster" | undefined;
}): readonly (readonly [string, ...string[]])[] {
  return [
    ["ACL", "GETUSER", "x"],
    ["ACL", "SETUSER", "x"],
    ["ACL", "LIST"],
    ["ACL", "LOG"],
    ["CLIENT", "LIST"],
    ["CLIENT", "KILL", "ID", "1"],
    ["CLIENT", "SETNAME", "x"],
    ["CONFIG", "GET", "x"],
    ["INFO"],
    ["TIME"],
    ...(target.saves
      ? ([
          ["ACL", "SAVE"],
          ["CONFIG", "REWRITE"],
        ] as const)
      : []),
    ...(target.replicationUser ? ([["CONFIG", "SET", "x", "x"]] as const) : []),
    ...(target.discover === "replicas" ? ([["ROLE"]] as const) : []),
    ...(target.discover === "cluster"
      ? ([
          ["CLUSTER", "NODES"],
          ["CLUSTER", "INFO"],
        ] as const)
      : []),
  ];
}
