import { Redis } from "ioredis";
import { queueContract } from "../contract/queue.ts";
import { needs } from "../servers/need.ts";
import { startRedis } from "../servers/redis.ts";

needs("redis-server")("a real Redis", () => {
  queueContract("Redis", async () => {
    const server = await startRedis();
    return {
      place: { redis: server.url },
      wipe: async () => {
        const client = new Redis(server.url);
        await client.flushall();
        client.disconnect();
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
});
