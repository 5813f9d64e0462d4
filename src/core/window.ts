import type { RetireWindow } from "./policy.ts";
import { plusMs } from "./time.ts";

/** Whether a time (ISO 8601 UTC) lies inside the window, in the window's own zone. Daylight saving is the zone's. */
export function insideWindow(window: RetireWindow, now: string): boolean {
  return isInside(window, localTimeIn(window.zone)(now));
}

type LocalTime = { readonly day: number; readonly minute: number };

function isInside(window: RetireWindow, { day, minute }: LocalTime): boolean {
  return window.days.includes(day) && minute >= window.fromMinute && minute < window.toMinute;
}

/** The next minute that lies inside, within eight days; `now` when there is none (the catalog refuses such a window). */
export function nextOpening(window: RetireWindow, now: string): string {
  const minuteMs = 60_000;
  const start = new Date(Math.ceil(new Date(now).getTime() / minuteMs) * minuteMs).toISOString();
  const local = localTimeIn(window.zone);
  for (let count = 0; count < 8 * 24 * 60; count++) {
    const at = plusMs(start, count * minuteMs);
    if (isInside(window, local(at))) {
      return at;
    }
  }
  return now;
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function localTimeIn(zone: string): (at: string) => LocalTime {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (at) => {
    const parts = format.formatToParts(new Date(at));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? "";
    return { day: days.indexOf(part("weekday")), minute: Number(part("hour")) * 60 + Number(part("minute")) };
  };
}
