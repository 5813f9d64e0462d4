import type { Finding } from "../../core/ports.ts";

/** By key; undefined removes it. */
export type Patch = ReadonlyMap<string, string | undefined>;

/** How keys and values stand in one kind of file. Texts are the file's bytes as latin1 (`bytes.ts`). Pure. */
export type Grammar = {
  /** The values of the keys that are there. */
  readonly valuesOf: (text: string, keys: readonly string[]) => ReadonlyMap<string, string>;
  /** How the values of the keys that are there are written, where one value can be written in several ways. */
  readonly rawOf?: (text: string, keys: readonly string[]) => ReadonlyMap<string, string>;
  /**
   * The text with the patch applied, everything else byte for byte; or the key whose value would not be read back the same.
   * A value of the patch that `raw` reads as is written as it stands there.
   */
  readonly edit: (
    text: string,
    patch: Patch,
    raw: ReadonlyMap<string, string>,
  ) => { readonly text: string } | { readonly unstorable: string };
  /** Why these keys cannot be edited here (errors), and what is doubtful about them (warnings). Shows no values. */
  readonly unfit: (file: string, text: string, keys: readonly string[]) => readonly Finding[];
};
