/** Settings, loads, and the result of a turn: one load on a server with some settings for a time. */

export interface Settings {
  readonly maxBatchSize: number
  readonly timeoutMillis: number
}

/** Batching settings compared, in report order. `found`: the best of the search on this machine. */
export const contenders = [
  'one at a time',
  'guide, untuned',
  'guide, tuned',
  'nothing said',
  'found',
] as const
export type Contender = (typeof contenders)[number]

/** Clients, each with its next query as soon as it has an answer. */
export const loads = { few: 4, many: 32 } as const
export type Load = keyof typeof loads

export interface Turn {
  readonly contender: Contender | 'search'
  readonly settings: Settings
  readonly load: Load
  readonly round: number
  readonly queries: number
  readonly seconds: number
  readonly p99Millis: number
  /** Processor time of the engine's process; absent if the system does not report it. */
  readonly cpuMillis?: number
}

export const perSecond = ({ queries, seconds }: Turn): number => queries / seconds
