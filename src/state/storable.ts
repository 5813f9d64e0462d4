/**
 * The text as PostgreSQL gives it back: a NUL is refused by the database and half a surrogate pair does not survive
 * UTF-8, so a signature over the original would look forged. Both become U+FFFD.
 */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{FFFD}");
}
