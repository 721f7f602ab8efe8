/** The sides of the comparison, and what each says. */

export const ways = ['plain', 'profiled', 'with memory'] as const
export type Way = (typeof ways)[number]

/** Steps that are not counted. */
export const warmSteps = 2

export interface StepsMeasure {
  /** Of each step after the warm ones, all of them recorded where the way profiles. */
  readonly seconds: readonly number[]
  /** Of the process, likewise: what the machine does beside it is not in them. */
  readonly cpuSeconds: readonly number[]
  readonly losses: readonly number[]
  readonly left?:
    | undefined
    | {
        /** From the last step until the profile was told of. */
        readonly writeSeconds: number
        readonly traceBytes: number
        readonly pageBytes: number
        readonly spans: number
      }
}
