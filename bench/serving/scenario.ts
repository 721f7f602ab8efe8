/** What a scenario of `npm run bench serving` is: one turn of one server, and which of its figures are compared. */

import type { RunningServer, Setup } from './contenders.ts'

export interface Scenario {
  /** Of its report's name, where flags make something else of it: `-drawn-lengths`. */
  readonly suffix?: string
  /** What a turn does, one sentence for the page. */
  readonly says: string
  readonly setup: Omit<Setup, 'model' | 'threads'>
  readonly columns: readonly Column[]
  /** One turn, in a fresh process. Throws when a request fails. */
  measure(server: RunningServer): Promise<readonly Row[]>
}

export interface Column {
  /** Of `Row.figures`. */
  readonly key: string
  readonly title: string
  /** Compared with the first contender, and shown for each round. */
  readonly better?: 'more' | 'less'
}

export interface Row {
  /** Such as `8 clients`; the same in every turn. */
  readonly load: string
  readonly figures: Readonly<Record<string, number>>
}

/** What the command line says; a scenario takes what it knows, and has its own defaults. */
export interface ScenarioFlags {
  readonly concurrency?: string | undefined
  readonly 'prompt-tokens'?: string | undefined
  readonly 'output-tokens'?: string | undefined
  readonly 'prefix-tokens'?: string | undefined
  readonly 'long-prompts'?: string | undefined
}

/** Room for a request, and some for what a template and the beginning of the text add. */
export const contextFor = (tokens: number): number => Math.ceil((tokens + 32) / 256) * 256
