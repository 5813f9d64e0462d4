import { elementsOf, type Found } from "../blocks/ids.ts";
import { isObject, type Json, type JsonObject, objectsAt, plain, stringAt } from "../json.ts";

/**
 * `state.values` of blocks: initial values, replaced by what the person entered. `given` is keyed by block id (holding
 * the value, or an object by action id) or by action id. A value is a string, or strings for several choices.
 */
export function stateOf(
  blocks: readonly JsonObject[],
  given: JsonObject,
  offered: (found: Found) => readonly JsonObject[],
): JsonObject {
  const unused = new Set(Object.keys(given));
  const values: JsonObject = {};
  for (const found of elementsOf(blocks)) {
    const { blockId, element, input } = found;
    if (element["type"] === "button" || element["type"] === "overflow") continue;
    const actionId = stringAt(element, "action_id") ?? "";
    const own = given[blockId] ?? given[actionId];
    if (given[blockId] !== undefined) unused.delete(blockId);
    else if (own !== undefined) unused.delete(actionId);
    const entered = isObject(own) ? own[actionId] : own;
    if (entered === undefined && input === undefined) continue;
    const state = entered === undefined ? initialState(element) : elementState(element, entered, offered(found));
    const block = values[blockId];
    values[blockId] = { ...(isObject(block) ? block : {}), [actionId]: { type: element["type"] ?? null, ...state } };
  }
  if (unused.size > 0) throw new Error(`the view has no ${[...unused].join(", ")}`);
  return values;
}

/** What a person's input makes of an element; throws when an option is not among the choices. */
export function elementState(element: JsonObject, entered: Json, offered: readonly JsonObject[]): JsonObject {
  const type = stringAt(element, "type") ?? "";
  if (entered === null) return emptyState(type);
  const key = stateKey(type);
  if (key === "value") return { value: plain(entered) };
  if (key === "selected_option") return { selected_option: chosen(element, entered, offered) };
  if (key === "selected_options") {
    const list = Array.isArray(entered) ? entered : [entered];
    return { selected_options: list.map((one) => chosen(element, one, offered)) };
  }
  return { [key]: entered };
}

/** Why a modal cannot be submitted yet, by block id: what the client itself checks before the app is asked. */
export function clientErrors(blocks: readonly JsonObject[], values: JsonObject): { [blockId: string]: string } {
  const errors: { [blockId: string]: string } = {};
  for (const { blockId, element, input } of elementsOf(blocks)) {
    if (input === undefined) continue;
    const block = values[blockId];
    const state = isObject(block) ? block[stringAt(element, "action_id") ?? ""] : undefined;
    const key = stateKey(stringAt(element, "type") ?? "");
    const value = isObject(state) ? state[key] : undefined;
    const empty = value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
    if (empty && input["optional"] !== true) errors[blockId] = "Please complete this required field.";
    if (empty || typeof value !== "string") continue;
    const { min_length: min, max_length: max } = element;
    if (typeof min === "number" && value.length < min) errors[blockId] = `Please enter at least ${min} characters.`;
    if (typeof max === "number" && value.length > max) errors[blockId] = `Please enter at most ${max} characters.`;
    if (element["type"] === "number_input" && Number.isNaN(Number(value))) errors[blockId] = "Please enter a number.";
  }
  return errors;
}

/** Every option of a select, its groups included. */
function optionsOf(element: JsonObject): JsonObject[] {
  return [
    ...objectsAt(element, "options"),
    ...objectsAt(element, "option_groups").flatMap((g) => objectsAt(g, "options")),
  ];
}

function chosen(element: JsonObject, entered: Json, offered: readonly JsonObject[]): JsonObject {
  const value = isObject(entered) ? entered["value"] : entered;
  const option = [...optionsOf(element), ...offered].find((one) => one["value"] === value);
  if (option === undefined) throw new Error(`no option ${plain(value)} there`);
  return option;
}

function initialState(element: JsonObject): JsonObject {
  const type = stringAt(element, "type") ?? "";
  const key = stateKey(type);
  const initial = element[initialKeys[key] ?? "initial_value"];
  return initial === undefined ? emptyState(type) : { [key]: initial };
}

function emptyState(type: string): JsonObject {
  const key = stateKey(type);
  return { [key]: key.endsWith("s") ? [] : null };
}

function stateKey(type: string): string {
  return stateKeys[type] ?? "value";
}

const stateKeys: { readonly [type: string]: string } = {
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  overflow: "selected_option",
  multi_static_select: "selected_options",
  checkboxes: "selected_options",
  users_select: "selected_user",
  multi_users_select: "selected_users",
  channels_select: "selected_channel",
  conversations_select: "selected_conversation",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
};

const initialKeys: { readonly [key: string]: string } = {
  selected_option: "initial_option",
  selected_options: "initial_options",
  selected_user: "initial_user",
  selected_users: "initial_users",
  selected_channel: "initial_channel",
  selected_conversation: "initial_conversation",
  selected_date: "initial_date",
  selected_time: "initial_time",
  selected_date_time: "initial_date_time",
};
