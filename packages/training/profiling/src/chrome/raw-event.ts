/** One event of a Chrome trace as it was parsed: fields of any kind. */

export type RawEvent = Readonly<Record<string, unknown>>

/** A name; JSON for other values. */
export const wordOf = (value: unknown): string =>
  plain(typeof value === 'string' ? value : JSON.stringify(value))

/** Removes terminal control characters. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd')

/** What `laneNames` names. */
export const placeOf = ({ pid, tid }: RawEvent): string => `${wordOf(pid ?? 0)}:${wordOf(tid ?? 0)}`
