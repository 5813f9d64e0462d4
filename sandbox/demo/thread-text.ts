/** Prints a thread as plain text, one message after the other, dates as people read them. */
export function printThread(messages: readonly { readonly text: string; readonly ts: string }[]): void {
  for (const [index, { text, ts }] of messages.entries()) {
    const at = new Date(Number(ts.split(".")[0]) * 1_000).toISOString().slice(11, 19);
    const body = plain(text)
      .split("\n")
      .join(`\n${" ".repeat(12)}`);
    process.stdout.write(`${index === 0 ? "" : "  "}${at}  ${body}\n`);
  }
}

function plain(text: string): string {
  return text
    .replaceAll(/<!date\^\d+\^[^|]*\|([^>]*)>/g, "$1")
    .replaceAll(/<[@#!][^|>]*\|([^>]*)>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
