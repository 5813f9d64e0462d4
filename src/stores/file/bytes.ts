/** Texts of files are their bytes as latin1, so that an offset is a byte and nothing is lost; values are ordinary strings. */
export function fromBytes(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

/** The inverse of `fromBytes`. */
export function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
