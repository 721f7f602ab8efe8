/** A scaler's observations and decisions; and their form in reports. */

export interface Trace {
  readonly kind: 'probe' | 'day'
  /** `spike`, `day 3`. */
  readonly name: string
  readonly scaler: 'hadal' | 'hpa'
  /** At each poll: mean use of the ready engines, in percent; null if unmeasured. */
  readonly use: readonly (number | null)[]
  readonly ready: readonly number[]
  readonly waiting: readonly number[]
  /** Requested engines before the decision, and after it. */
  readonly from: readonly number[]
  readonly to: readonly number[]
}

/** Values that seldom change: (index, new value) of changes. */
type Changes = readonly (readonly [look: number, value: number])[]

/** Stored form. */
export interface PackedTrace extends Pick<Trace, 'kind' | 'name' | 'scaler' | 'use'> {
  readonly ready: Changes
  readonly waiting: Changes
  readonly from: Changes
  readonly to: Changes
}

export function packed({ kind, name, scaler, use, ...rest }: Trace): PackedTrace {
  const changes = (values: readonly number[]): Changes =>
    values.flatMap((value, look) => (value === values[look - 1] ? [] : [[look, value] as const]))
  const { ready, waiting, from, to } = rest
  return {
    ...{ kind, name, scaler, use },
    ...{ ready: changes(ready), waiting: changes(waiting), from: changes(from), to: changes(to) },
  }
}

export function unpacked({ kind, name, scaler, use, ...rest }: PackedTrace): Trace {
  const values = (changes: Changes): number[] =>
    changes.flatMap(([look, value], at) =>
      new Array<number>((changes[at + 1]?.[0] ?? use.length) - look).fill(value),
    )
  const { ready, waiting, from, to } = rest
  return {
    ...{ kind, name, scaler, use },
    ...{ ready: values(ready), waiting: values(waiting), from: values(from), to: values(to) },
  }
}
