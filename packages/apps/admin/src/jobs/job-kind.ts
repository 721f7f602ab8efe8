/**
 * What a kind of job is: which options it takes, and the command that they become. Each stands in a file of its own in
 * kinds/, and as a row in job-kinds.ts.
 */

import type { Parsed } from '@hadal/protocol'

export interface JobContext {
  /** Flags that make another command mean the same service as this server: its config file and the settings that were flags. Of `hadal tune`, `hadal config`; others take `configArgs` alone. */
  readonly settingArgs: readonly string[]
  /** `['--config', 'prod.config.ts']`, or none. */
  readonly configArgs: readonly string[]
  /** Where this server is, for commands that ask it: `http://127.0.0.1:8080`. */
  readonly url: string | undefined
  /** Of a file of this job: gone when it has ended. */
  readonly path: (name: string) => string
}

export interface JobCommand {
  /** Behind `hadal`. Never through a shell; no secrets, for lists of processes show it. */
  readonly args: readonly string[]
  /** Given to standard input. */
  readonly input?: string
  /** Written before it starts, by name: args name them by `path(name)`. */
  readonly files?: Readonly<Record<string, string>>
  /** A file of the job that holds its result as JSON once it is done. */
  readonly resultFile?: string
}

export interface JobKindEntry<Options = unknown> {
  parse(options: unknown): Parsed<Options>
  /** May throw what a client is to know, such as `invalid_request`. */
  command(options: Options, context: JobContext): JobCommand
  /** What standard output holds: lines to read, one JSON document that is the result, or a JSON value a line as progress. */
  readonly output: 'text' | 'result' | 'progress'
  /** Exit codes of a command that did what it should; `[0]` where it is not said. */
  readonly doneCodes?: readonly number[]
  /** Options that `options` of the job leaves out: long texts, and what not everybody shall read. */
  readonly hiddenOptions?: readonly string[]
}
