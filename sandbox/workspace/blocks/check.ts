import { z } from "zod";
import { isObject, type Json, type JsonObject, objectsAt, stringAt } from "../json.ts";
import { alert, card, commonBlocks, type Surface } from "./layout.ts";
import { messageOnlyBlocks } from "./message-only.ts";
import { problemOf } from "./problems.ts";

/**
 * What Slack would refuse in these blocks on this surface, one sentence with a JSON pointer for each; empty when it
 * would take them. Where sources disagree the stricter reading is taken.
 */
export function blockProblems(blocks: readonly Json[], surface: Surface, root = "/blocks"): string[] {
  const parsed = schemas[surface].safeParse(blocks, { reportInput: true });
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(issue, root));
  const known = blocks.filter(isObject);
  return [...problems, ...duplicateIds(known, root), ...(surface === "message" ? messageBudget(known, root) : [])];
}

/** Block types of a top-level list, containers' children included. */
export function blockTypes(blocks: readonly JsonObject[]): Set<string> {
  return new Set(flat(blocks, "").map(({ block }) => stringAt(block, "type") ?? ""));
}

const schemas = {
  message: z.array(z.discriminatedUnion("type", [...commonBlocks("message"), card, ...messageOnlyBlocks])).max(50),
  modal: z.array(z.discriminatedUnion("type", [...commonBlocks("modal"), alert])).max(100),
  home: z.array(z.discriminatedUnion("type", [...commonBlocks("home"), card])).max(100),
};

function flat(blocks: readonly JsonObject[], root: string): { block: JsonObject; pointer: string }[] {
  return blocks.flatMap((block, index) => [
    { block, pointer: `${root}/${index}` },
    ...flat(objectsAt(block, "child_blocks"), `${root}/${index}/child_blocks`),
    ...flat(objectsAt(block, "tasks"), `${root}/${index}/tasks`),
  ]);
}

function duplicateIds(blocks: readonly JsonObject[], root: string): string[] {
  const problems: string[] = [];
  const blockIds = new Set<string>();
  for (const { block, pointer } of flat(blocks, root)) {
    const blockId = stringAt(block, "block_id");
    if (blockId !== undefined && blockIds.has(blockId)) {
      problems.push(`\`block_id\` "${blockId}" already exists [json-pointer:${pointer}/block_id]`);
    }
    if (blockId !== undefined) blockIds.add(blockId);
    const actionIds = new Set<string>();
    for (const [index, element] of objectsAt(block, "elements").entries()) {
      const actionId = stringAt(element, "action_id");
      if (actionId === undefined) continue;
      if (actionIds.has(actionId)) {
        problems.push(
          `\`action_id\` "${actionId}" already exists [json-pointer:${pointer}/elements/${index}/action_id]`,
        );
      }
      actionIds.add(actionId);
    }
  }
  return problems;
}

function messageBudget(blocks: readonly JsonObject[], root: string): string[] {
  const all = flat(blocks, root);
  const tables = all.filter(({ block }) => block["type"] === "table" || block["type"] === "data_table");
  const problems = tables
    .slice(1)
    .map(({ pointer }) => `only one table is allowed per message [json-pointer:${pointer}]`);
  for (const { block, pointer } of tables) {
    if (textLength(block) > 10_000) problems.push(`must be less than 10001 characters [json-pointer:${pointer}/rows]`);
  }
  const markdown = all.filter(({ block }) => block["type"] === "markdown");
  const total = markdown.reduce((sum, { block }) => sum + (stringAt(block, "text")?.length ?? 0), 0);
  if (markdown.length > 1 && total > 12_000) {
    problems.push(`markdown blocks must be less than 12001 characters together [json-pointer:${root}]`);
  }
  return problems;
}

/**
 * Whether the texts of a message's blocks are too long together (`msg_blocks_too_long`). The limit is undocumented:
 * 13,297 characters in one markdown block pass, each further block costs about 125 (slackapi/bolt-js#2509, #2867).
 */
export function tooLongTogether(blocks: readonly JsonObject[]): boolean {
  const all = flat(blocks, "");
  return textLength(blocks) + (all.length - 1) * 125 > 13_297;
}

function textLength(value: Json | readonly Json[]): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  return Object.entries(value).reduce((sum, [key, item]) => {
    if (typeof item !== "string") return sum + textLength(item);
    return key === "text" || key === "title" ? sum + item.length : sum;
  }, 0);
}
