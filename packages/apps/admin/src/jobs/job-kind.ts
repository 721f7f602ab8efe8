/** Definition of a job kind: its options, and the command they become. Each is a file in kinds/ and a row in job-kinds.ts. */

import type { Parsed } from '@hadal/protocol'

export interface JobContext {
  /** Flags that make another command mean the same service as this server: its config file and the settings that were flags. Of `hadal tune`, `hadal config`; others take `configArgs` alone. */
  readonly settingArgs: readonly string[]
  /** `['--config', 'prod.config.ts']`, or none. */
  readonly configArgs: readonly string[]
  /** URL of this server, for commands that call it: `http://127.0.0.1:8080`. */
  readonly url: string | undefined
  /** Path of a temporary file of this job, deleted when it ends. */
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
  /** May throw errors for the client, such as `invalid_request`. */
  command(options: Options, context: JobContext): JobCommand
  /** Format of standard output: text lines, one JSON document as the result, or JSON lines as progress. */
  readonly output: 'text' | 'result' | 'progress'
  /** Exit codes that mean success; default `[0]`. */
  readonly doneCodes?: readonly number[]
  /** Options omitted from the job's description: long or confidential texts. */
  readonly hiddenOptions?: readonly string[]
}
