/** Lists of a user's program, typed or not. */
export const isList = (value: unknown): value is readonly number[] =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
