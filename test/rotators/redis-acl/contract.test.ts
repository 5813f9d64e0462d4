import { afterAll, beforeAll } from "vitest";
import { rotatorContract } from "../../contract/rotator.ts";
import { needs } from "../../servers/need.ts";
import { type Redis, startRedis } from "../../servers/redis.ts";
import { defaultUser, makeWorld, rootUser } from "./world.ts";

needs("redis-server")("redis-acl on real servers", () => {
  let withAclFile: Redis;
  let withConfigFile: Redis;
  beforeAll(async () => {
    withAclFile = await startRedis({ aclFile: true, users: [rootUser, defaultUser] });
    withConfigFile = await startRedis({ users: [rootUser, defaultUser] });
  });
  afterAll(async () => {
    await withAclFile[Symbol.asyncDispose]();
    await withConfigFile[Symbol.asyncDispose]();
  });

  rotatorContract({
    name: "one user with two passwords, ACL file",
    overlap: "dual",
    makeWorld: () => makeWorld({ mode: "one user", servers: [withAclFile] }),
  });
  rotatorContract({
    name: "two users that take turns, ACL file",
    overlap: "dual",
    makeWorld: () => makeWorld({ mode: "two users", servers: [withAclFile] }),
  });
  rotatorContract({
    name: "the user default, redis.conf",
    overlap: "dual",
    makeWorld: () => makeWorld({ mode: "default user", servers: [withConfigFile] }),
  });
  rotatorContract({
    name: "two users on two nodes, one with an ACL file and one without",
    overlap: "dual",
    makeWorld: () => makeWorld({ mode: "two users", servers: [withAclFile, withConfigFile] }),
  });
});
