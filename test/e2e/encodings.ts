/** Every way in which a secret may stand in bytes, without its first and last characters where these depend on neighbours. */
export function encodingsOf(secret: string | Buffer): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const text = bytes.toString("utf8");
  const base64 = [0, 1, 2].flatMap((shift) => aligned(bytes, shift));
  const texts = [
    ...base64,
    ...base64.map((each) => each.replaceAll("+", "-").replaceAll("/", "_")),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...(text.includes("\ufffd") ? [] : [encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]),
  ];
  return [bytes, Buffer.from(text, "utf16le"), ...texts.map((each) => Buffer.from(each))];
}

/** Names of the secrets that stand somewhere in `bytes`, in any encoding. */
export function foundIn(bytes: Buffer | string, secrets: ReadonlyMap<string, string | Buffer>): readonly string[] {
  const hay = Buffer.from(bytes);
  return [...secrets].flatMap(([name, secret]) =>
    encodingsOf(secret).some((needle) => hay.includes(needle)) ? [name] : [],
  );
}

/** Base64 of the bytes after `shift` others, without the characters that these and the end have a part in. */
function aligned(bytes: Buffer, shift: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
  const usable = whole.subarray(0, whole.length - (whole.length % 3)).toString("base64");
  return [usable.slice(shift === 0 ? 0 : 4)];
}
