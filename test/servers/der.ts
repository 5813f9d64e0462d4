/** An encoded ASN.1 value (DER, X.690). */
export type Der = Buffer;

/** Tag, length and contents. */
export function der(tag: number, ...contents: readonly Der[]): Der {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body)]), body]);
}

export function seq(...contents: readonly Der[]): Der {
  return der(0x30, ...contents);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

export function text(value: string): Der {
  return der(0x0c, Buffer.from(value, "utf8"));
}

/** UTCTime, to the second; for years before 2050. */
export function time(atMs: number): Der {
  const digits = new Date(atMs).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function base128(number: number): number[] {
  const low = [number & 0x7f];
  for (let rest = number >> 7; rest > 0; rest >>= 7) low.unshift((rest & 0x7f) | 0x80);
  return low;
}

/** As short as it can be, up to 65535. */
function lengthOf(body: Der): number[] {
  if (body.length < 0x80) return [body.length];
  if (body.length < 0x100) return [0x81, body.length];
  return [0x82, body.length >> 8, body.length & 0xff];
}
