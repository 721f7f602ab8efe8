/** All that administrators may do from the console of a server that `hadal serve` started. */

import type { Logger } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { ServerOptions } from '@hadal/server'
import type { Terminal } from '../terminal.ts'
import { openKeysDoor } from './keys/keys-door.ts'

export interface OperationsContext {
  /** As it is now: it changes with the config file. */
  readonly service: () => Service
  /** The files that its settings are read from, whether they are there or not. */
  readonly configFiles: readonly string[]
  /** The arguments after `hadal serve`, for commands that are to mean the same service. */
  readonly args: readonly string[]
  readonly terminal: Terminal
  readonly logger: Logger
}

export interface OpenOperations extends AsyncDisposable {
  readonly server: Pick<ServerOptions, 'operations'>
}

export function openOperations({ service, logger }: OperationsContext): OpenOperations {
  const { database } = service()
  const currency = (): string => service().currency
  const keys = database === undefined ? undefined : openKeysDoor({ database, currency, logger })
  return {
    server: {
      operations: {
        ...(keys !== undefined && { keys }),
      },
    },
    async [Symbol.asyncDispose]() {
      await keys?.[Symbol.asyncDispose]()
    },
  }
}
