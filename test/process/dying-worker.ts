/** @module Runs a command as a worker does, and waits for it: `node dying-worker.ts <folder> <timeoutMs> <program> <arguments...>`. */
import { runner } from "../../src/process/run.ts";

const [folder = "", timeoutMs = "", ...argv] = process.argv.slice(2);
await runner([folder]).run(
  { argv, timeoutMs: Number(timeoutMs), supervised: true, env: { PATH: "/usr/bin:/bin" } },
  new AbortController().signal,
);
