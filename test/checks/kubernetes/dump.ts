import { inspect } from "node:util";

/** Everything that programs have been seen to print of their environment when they crash: each value in many shapes. */
export function dumpOf(env: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(env).map(([name, value = ""]): readonly [string, string] => [name, value]);
  const all = Object.fromEntries(pairs);
  const lines = [
    `FATAL unauthorized: cannot start with ${JSON.stringify(all)}`,
    JSON.stringify({ level: "error", msg: "unauthorized", env: all }),
    JSON.stringify({ level: "error", msg: `unauthorized with ${JSON.stringify(all)}` }),
    JSON.stringify(all, undefined, 2),
    inspect(all, { breakLength: 80 }),
    ...pairs.flatMap(([name, value]) => shapesOf(name, value)),
  ];
  return `${lines.join("\n")}\n`;
}

function shapesOf(name: string, value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const uri = encodeURIComponent(value);
  return [
    `${name}=${value}`,
    `${name}: ${value}`,
    `  - name: ${name}\n    value: ${value}`,
    `export ${name}='${value}'`,
    `${name} => "${value}"`,
    `\`${value}\``,
    value,
    `unauthorized ${value} unauthorized`,
    `unauthorized (${value}), <${value}>, [${value}] {${value}}`,
    `unauthorized ${bytes.toString("base64")}`,
    `unauthorized ${bytes.toString("base64url")}`,
    `unauthorized ${bytes.toString("hex")}`,
    `unauthorized ${bytes.toString("hex").toUpperCase()}`,
    `unauthorized ${uri}`,
    `unauthorized at postgresql://billing:${uri}@db.internal:5432/shop?x=${uri}`,
    `unauthorized for Host=db;Username=billing;Password=${value};Pooling=true`,
    `unauthorized Authorization: Bearer ${value}`,
    `unauthorized Authorization: Basic ${Buffer.from(`billing:${value}`).toString("base64")}`,
    `unauthorized ${JSON.stringify(JSON.stringify(value))}`,
  ];
}
