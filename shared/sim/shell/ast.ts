// The syntax tree of the simulated shell.

export type Part =
  | { readonly t: "text"; readonly text: string; readonly quoted: boolean }
  | { readonly t: "var"; readonly name: string; readonly op: string; readonly arg: Word | undefined; readonly quoted: boolean }
  | { readonly t: "command"; readonly body: Node; readonly quoted: boolean }
  | { readonly t: "math"; readonly text: string; readonly quoted: boolean };
export type Word = readonly Part[];

export interface Redirect {
  readonly fd: number;
  readonly op: ">" | ">>" | "<" | "<<" | ">&";
  readonly target: Word;
}
export interface ListItem {
  readonly node: Node;
  /** What stands before it: it runs always, after success, after failure. */
  readonly after: ";" | "&&" | "||";
  readonly background: boolean;
}
export type Node =
  | {
      readonly t: "simple";
      readonly assigns: readonly (readonly [name: string, value: Word])[];
      readonly words: readonly Word[];
      readonly redirects: readonly Redirect[];
    }
  | { readonly t: "pipe"; readonly parts: readonly Node[]; readonly not: boolean }
  | { readonly t: "list"; readonly items: readonly ListItem[] }
  | { readonly t: "if"; readonly arms: readonly { readonly test: Node; readonly body: Node }[]; readonly other: Node | undefined }
  | { readonly t: "while"; readonly until: boolean; readonly test: Node; readonly body: Node }
  | { readonly t: "for"; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: Node }
  | { readonly t: "count"; readonly start: string; readonly test: string; readonly step: string; readonly body: Node }
  | { readonly t: "case"; readonly word: Word; readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: Node }[] }
  | { readonly t: "group"; readonly body: Node; readonly subshell: boolean }
  | { readonly t: "redirected"; readonly node: Node; readonly redirects: readonly Redirect[] }
  | { readonly t: "function"; readonly name: string; readonly body: Node }
  | { readonly t: "math"; readonly text: string };
