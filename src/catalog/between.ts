import { z } from "zod";

const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const shape = /^([A-Za-z]{3}(?:\s*[-,]\s*[A-Za-z]{3})*)\s+(\d{2}):(\d{2})\s*-\s*(\d{2}):(\d{2})$/;

/** Days and hours as people write them, "Mon-Fri 09:00-16:00" or "Sat,Sun 00:00-24:00"; days as numbers, 0 is Sunday. */
export const Between = z.string().transform((text, context) => {
  const parts = shape.exec(text.trim());
  const days = parts === null ? [] : daysOf(parts[1] ?? "");
  const from = minuteOf(parts?.[2], parts?.[3]);
  const to = minuteOf(parts?.[4], parts?.[5]);
  if (days.length === 0 || from === undefined || to === undefined) {
    context.addIssue({ code: "custom", message: 'days and hours such as "Mon-Fri 09:00-16:00"' });
    return z.NEVER;
  }
  if (from >= to) {
    context.addIssue({ code: "custom", message: "a window that ends after it begins, on the same day" });
    return z.NEVER;
  }
  return { text: text.trim(), days, fromMinute: from, toMinute: to };
});

function daysOf(text: string): readonly number[] {
  const found = new Set<number>();
  for (const range of text.toLowerCase().split(",")) {
    const [first = -1, last = first] = range.split("-").map((name) => dayNames.indexOf(name.trim()));
    if (first === -1 || last === -1 || range.split("-").length > 2) return [];
    for (let day = first; ; day = (day + 1) % 7) {
      found.add(day);
      if (day === last) break;
    }
  }
  return [...found].toSorted((a, b) => a - b);
}

function minuteOf(hours: string | undefined, minutes: string | undefined): number | undefined {
  const minute = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && minute <= 24 * 60 ? minute : undefined;
}
