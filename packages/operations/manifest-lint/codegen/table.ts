/**
 * The form of the table, which `src/schemas/schema-table.ts` reads. A type is a letter: `s` string, `b` boolean, `i`
 * int32, `l` int64, `n` number, `q` quantity, `p` integer or string, `d` time, `y` base64, `*` anything, `e:A|B` one of
 * these; `[x` is a list of x, `{x` a map of x, `#Name` a type of the table. A field that must be there ends with `!`.
 */

export interface Table {
  /** `apps/v1/Deployment` to its type and 1 where it lives in a namespace. */
  readonly kinds: Record<string, [type: string, isNamespaced: 0 | 1]>
  readonly types: Record<string, Record<string, string>>
}
