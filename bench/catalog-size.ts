import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { type Row, time } from "./table.ts";

const Loaded = z.object({
  heapMb: z.number(),
  residentMb: z.number(),
  peakMb: z.number(),
  loadMs: z.number(),
  parseMs: z.number(),
});
const child = fileURLToPath(new URL("catalog-child.ts", import.meta.url));
const limitMb = 100;

/** What a catalog of ten thousand targets takes more than one of ten, each in a process of its own. */
export async function catalogSize(): Promise<readonly Row[]> {
  const small = await load(10);
  const middle = await load(1_000, "--parse");
  const large = await load(10_000);
  const moreMb = large.heapMb - small.heapMb;
  const moreResidentMb = large.residentMb - small.residentMb;
  return [
    {
      what: "memory that a catalog of 10 000 targets holds, above one of 10",
      measured: `+${moreMb.toFixed(0)} MB`,
      floor: `${small.heapMb.toFixed(0)} MB with 10`,
      promise: `under +${String(limitMb)} MB`,
      kept: moreMb < limitMb,
      note: "heap in use after a collection",
    },
    {
      what: "memory of the process, the same two catalogs",
      measured: `+${moreResidentMb.toFixed(0)} MB`,
      floor: `${small.residentMb.toFixed(0)} MB with 10`,
      promise: `under +${String(limitMb)} MB`,
      kept: moreResidentMb < limitMb,
      note: `resident, after a collection; at its highest, while reading, ${large.peakMb.toFixed(0)} MB (with 10 targets: ${small.peakMb.toFixed(0)} MB)`,
    },
    {
      what: "reading and checking a catalog of 1 000 targets",
      measured: time(middle.loadMs),
      floor: time(middle.parseMs),
      ratio: middle.loadMs / middle.parseMs,
      note: `processor time; floor: the same text through the YAML parser alone. 10 targets take ${time(small.loadMs)}, 10 000 take ${time(large.loadMs)}: ${(large.loadMs / middle.loadMs).toFixed(1)} times as long as 1 000`,
    },
  ];
}

async function load(targets: number, ...more: readonly string[]): Promise<z.infer<typeof Loaded>> {
  const args = ["--expose-gc", child, String(targets), ...more];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
  return Loaded.parse(JSON.parse(stdout));
}
