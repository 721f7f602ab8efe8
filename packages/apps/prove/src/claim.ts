/**
 * A claim: measurement and verdict. Measuring has side effects and yields a plain object; the verdict is a pure function of it, so that
 * reports can be rebuilt from raw results and verdicts can be tested. Independent of reports, terminals and processes.
 */

/** `quick` answers within `quickSeconds` on 2 cores and may say less; `full` is the real thing. */
export type ClaimMode = 'quick' | 'full'

/** Requirements of a measurement. They are checked first, and missing ones are reported. */
export type Need = 'libtorch' | 'gpu' | 'linux'

export interface ClaimContext {
  readonly mode: ClaimMode
  /** Everything that is drawn is drawn from it: the same seed draws the same. */
  readonly seed: number
  /** An empty folder for this claim only: for intermediate files and raw files worth keeping. */
  readonly folder: string
  /** The command line of this very Hadal, to be followed by arguments: `[node, .../hadal.js]`. */
  readonly hadal: readonly string[]
  /** The path of a model that comes with Hadal, such as `nano`. */
  bundledModel(name: string): string
  /** One line of progress. */
  note(text: string): void
  /** Aborted when the user stops, or when it takes far too long: processes that were started are to end with it. */
  readonly signal: AbortSignal
}

/**
 * `reproduced`: measured here, and the claim holds. `partly`: part of it holds, or less than claimed. `not reproduced`: measured,
 * and it does not hold here. `not here`: this machine lacks the requirements.
 */
export type Verdict = 'reproduced' | 'partly' | 'not reproduced' | 'not here'

export interface PlotSeries {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export type Plot =
  | {
      readonly kind: 'bars'
      readonly title: string
      readonly unit: string
      readonly bars: readonly { readonly name: string; readonly value: number }[]
      /** The claimed value, as a mark across the bars. */
      readonly mark?: { readonly name: string; readonly value: number }
    }
  | {
      readonly kind: 'lines'
      readonly title: string
      readonly x: string
      readonly y: string
      readonly isLogX?: boolean
      readonly isLogY?: boolean
      readonly series: readonly PlotSeries[]
      readonly mark?: { readonly name: string; readonly value: number }
    }

export interface Judgement {
  readonly verdict: Verdict
  /** One line with the measurements, as short as the claim: `+38 % queries per second (1.38 of 1.42)`. */
  readonly measured: string
  /** One line: subject and method of the measurement, for reproduction. */
  readonly conditions: string
  /** Reason for the verdict, in a sentence or two: what holds, what does not, and what it depends on. */
  readonly reason: string
  readonly plots: readonly Plot[]
}

export interface ClaimSpec<Raw> {
  /** Kebab-case; the folder's name, and what `--only` takes. */
  readonly id: string
  readonly title: string
  /** As the guide has it, in one line. */
  readonly claimed: string
  /** Hadal's page about the technique, from `docs/`: `batching.md`. */
  readonly page: string
  readonly needs: readonly Need[]
  /** Set in its process, in addition to the user's variables. */
  readonly env?: Readonly<Record<string, string>>
  /** How long it takes on 2 cores. */
  readonly quickSeconds: number
  readonly fullMinutes: number
  /** `Raw` must survive JSON. Throws a `HadalError` if it cannot be measured. */
  measure(context: ClaimContext): Promise<Raw>
  /** Pure. */
  judge(raw: Raw, mode: ClaimMode): Judgement
}

/** A claim with an opaque type of raw results. */
export type Claim = ClaimSpec<unknown>

export function defineClaim<Raw>(spec: ClaimSpec<Raw>): Claim {
  return spec as Claim
}
