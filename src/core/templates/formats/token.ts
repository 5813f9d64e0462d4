/**
 * A place in a text where its grammar has a value: `from` to `to` is the value as written, quotation marks included where
 * the grammar lets them be left out. `path` names it whatever the order and the spelling of the keys.
 */
export type Token = { readonly path: string; readonly from: number; readonly to: number };

/** Finds every value of a text; undefined when the text is not of this grammar. */
export type Tokenizer = (text: string) => readonly Token[] | undefined;
