import { isNode, isScalar, type YAMLMap } from "yaml";

/**
 * The text with one more pair at the end of a mapping, written as its neighbours are. `value` is source text. `asJson`: the key
 * is quoted.
 */
export function insertPair(text: string, parent: YAMLMap, key: string, value: string, asJson: boolean): string {
  const shown = asJson || !/^[A-Za-z_][\w.-]*$/.test(key) ? JSON.stringify(key) : key;
  const pair = `${shown}: ${value}`;
  const spans = spansOf(parent);
  const last = spans.at(-1);
  if (parent.flow === true) {
    const open = (parent.range?.[0] ?? 0) + 1;
    if (last === undefined) return `${text.slice(0, open)}${pair}${text.slice(open)}`;
    const gap = text.slice(Math.max(open, spans.at(-2)?.to ?? open), last.from).replace(",", "");
    return `${text.slice(0, last.to)},${gap}${pair}${text.slice(last.to)}`;
  }
  const first = spans[0]?.from ?? 0;
  const indent = " ".repeat(first - (text.lastIndexOf("\n", first - 1) + 1));
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const at = endOfLine(text, last?.to ?? text.length);
  const isOpen = at === text.length && !text.endsWith("\n");
  return `${text.slice(0, at)}${isOpen ? eol : ""}${indent}${pair}${isOpen ? "" : eol}${text.slice(at)}`;
}

/** The text without one pair: of a block mapping its lines, of a flow mapping the pair and one comma. */
export function removePair(text: string, parent: YAMLMap, key: string): string {
  const spans = spansOf(parent);
  const index = spans.findIndex((span) => span.key === key);
  const span = spans[index];
  if (span === undefined) return text;
  if (parent.flow === true) {
    const [before, after] = [spans[index - 1], spans[index + 1]];
    if (before !== undefined) return `${text.slice(0, before.to)}${text.slice(span.to)}`;
    return `${text.slice(0, span.from)}${text.slice(after?.from ?? span.to)}`;
  }
  const from = text.lastIndexOf("\n", span.from - 1) + 1;
  const to = endOfLine(text, span.to);
  const kept = text.slice(0, from);
  const isOpen = to === text.length && !text.endsWith("\n");
  return `${isOpen ? kept.replace(/\r?\n$/, "") : kept}${text.slice(to)}`;
}

function spansOf(parent: YAMLMap) {
  return parent.items.map(({ key, value }) => {
    const [keyRange, valueRange] = [key, value].map((node) => (isNode(node) ? node.range : undefined));
    const from = keyRange?.[0] ?? 0;
    return { key: isScalar(key) ? String(key.value) : "", from, to: valueRange?.[1] ?? keyRange?.[1] ?? from };
  });
}

/** Behind the line end that follows; a value that ends with its own line end (a block scalar) ends there. */
function endOfLine(text: string, at: number): number {
  if (at > 0 && text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}
