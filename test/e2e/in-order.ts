import { expect } from "vitest";

/** What a thread of a whole rotation says, from the votes to the end. */
export const wholeStory = [
  "approved by",
  "test login with the new credential passed",
  "published to",
  "rolled out",
  "verified",
  "grace begins",
  "disabled",
  "proved",
  "audit head",
];

/** Each part stands in the thread, after the one before. `twice`: how many replies may stand there a second time. */
export function expectInOrder(thread: readonly string[], parts: readonly string[], twice = 0): void {
  let at = 0;
  for (const part of parts) {
    const next = thread.findIndex((text, index) => index >= at && text.includes(part));
    expect(next, `"${part}" after reply ${String(at)} of\n${thread.join("\n")}`).toBeGreaterThanOrEqual(at);
    at = next;
  }
  expect(thread.length - new Set(thread).size, thread.join("\n")).toBeLessThanOrEqual(twice);
}
