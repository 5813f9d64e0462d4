import { timingSafeEqual } from "node:crypto";

const shown = "[secret]";

/**
 * A value that must never be printed, logged, templated or stored by accident.
 *
 * Every implicit way out (string, JSON, console) gives the placeholder or throws; `reveal()` is the only door, and lint
 * lets only adapters, templates and the seal walk through it. It protects against mistakes, not against a debugger.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The plain value. Call it only in the expression that hands it to an SDK or an encoder. */
  reveal(): string {
    return this.#value;
  }

  /** Compares in time that depends only on the lengths. */
  equals(other: Secret): boolean {
    const mine = Buffer.from(this.#value);
    const theirs = Buffer.from(other.#value);
    return mine.length === theirs.length && timingSafeEqual(mine, theirs);
  }

  toString(): string {
    return shown;
  }

  /** @throws always: a secret in an object that is being serialised is a defect, not a value to mask. */
  toJSON(): never {
    throw new TypeError("a secret was about to be serialised");
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}
