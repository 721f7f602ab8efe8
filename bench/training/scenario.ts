/** What `npm run bench training` passes to a scenario. */

export interface ScenarioFlags {
  readonly threads: number | undefined
  /** A key of `allocators`. */
  readonly allocator: string
  /** Only cases whose name contains it. */
  readonly only: string
  readonly rounds: number | undefined
  readonly steps: number | undefined
  readonly blockSeconds: number
  readonly minutes: number
  readonly seeds: number
  readonly baseSteps: number
  /** Of the model: hidden width and layers; and of a step: windows. */
  readonly width: number | undefined
  readonly layers: number | undefined
  readonly windows: number | undefined
}

export type Scenario = (flags: ScenarioFlags) => Promise<void>
