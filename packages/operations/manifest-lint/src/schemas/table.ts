/** The schema table, in the form that codegen/table.ts describes. */

export interface Table {
  readonly kinds: Readonly<Record<string, readonly [type: string, isNamespaced: 0 | 1]>>
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>
}
