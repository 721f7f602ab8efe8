/** All that administrators may do from the console of a server that `hadal serve` started. */

import { resolve } from 'node:path'
import type { Logger, ProgramEntry } from '@hadal/base'
import type { Resolved, Service } from '@hadal/config'
import type { ServeGuard } from '@hadal/guard-lab'
import type { Terminal } from '@hadal/output'
import type { ScalerStatus } from '@hadal/scaling'
import type { ServerOptions } from '@hadal/server'
import { openGuardDoor } from './guard/guard-door.ts'
import { openJobs } from './jobs/open-jobs.ts'
import type { ServiceArguments } from './jobs/service-arguments.ts'
import { openKeysDoor } from './keys/keys-door.ts'
import { openLiveDoor } from './live/live-door.ts'
import { readingDoors } from './reading/reading-doors.ts'
import { openRunsDoor } from './runs/runs-door.ts'
import { openTuneDoor } from './tune/tune-door.ts'

export interface OperationsContext {
  /** Current settings, which change with the config file. */
  readonly service: () => Service
  /** Source of each setting at startup. */
  readonly origins: Resolved<Service>['origins']
  /** The files that its settings are read from, whether they are there or not. */
  readonly configFiles: readonly string[]
  /** The server's URL once it is listening. */
  readonly url: () => string | undefined
  /** Arguments of commands for the same service. */
  readonly shared: ServiceArguments
  /** Autoscaling status of this server's own replicas, if enabled. */
  readonly decisions?: (() => ScalerStatus) | undefined
  /** The P99 SLO. */
  readonly sloMillis: () => number | undefined
  readonly terminal: Terminal
  readonly guard: Pick<ServeGuard, 'guard'>
  /** Runs a `hadal` command, as the process of a job. */
  readonly jobProgram: ProgramEntry
  readonly logger: Logger
}

export interface OpenOperations extends AsyncDisposable {
  readonly server: Pick<ServerOptions, 'operations'>
}

export function openOperations({
  service,
  origins,
  configFiles,
  decisions,
  sloMillis,
  guard: parts,
  terminal,
  shared,
  url,
  jobProgram,
  logger,
}: OperationsContext): OpenOperations {
  const guard = openGuardDoor({ guard: () => parts.guard, folder: terminal.folder })
  const env = { ...terminal.env, ...shared.env }
  const jobs = openJobs({ program: jobProgram, shared, url, env, folder: terminal.folder, logger })
  const reading = readingDoors({ terminal, configFiles, decisions, sloMillis })
  const { deploy, scaling, alerts, doctor } = reading
  const { database } = service()
  const currency = (): string => service().currency
  const keys = database === undefined ? undefined : openKeysDoor({ database, currency, logger })
  return {
    server: {
      operations: {
        alerts,
        deploy,
        doctor,
        guard,
        jobs,
        live: openLiveDoor(service),
        runs: openRunsDoor(() => service().runsDir.map((folder) => resolve(terminal.folder, folder))),
        scaling,
        tune: openTuneDoor({ service, origins, configFiles, folder: terminal.folder }),
        ...(keys !== undefined && { keys }),
      },
    },
    async [Symbol.asyncDispose]() {
      await reading[Symbol.asyncDispose]()
      guard[Symbol.dispose]()
      await jobs[Symbol.asyncDispose]()
      await keys?.[Symbol.asyncDispose]()
    },
  }
}
