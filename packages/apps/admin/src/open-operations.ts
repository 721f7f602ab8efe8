/** All that administrators may do from the console of a server that `hadal serve` started. */

import { resolve } from 'node:path'
import type { Logger, ProgramEntry } from '@hadal/base'
import type { Resolved, Service } from '@hadal/config'
import type { ServeGuard } from '@hadal/guard-lab'
import type { Terminal } from '@hadal/output'
import type { ScalerStatus } from '@hadal/scaling'
import type { ServerOptions } from '@hadal/server'
import { openGuardApi } from './guard/guard-api.ts'
import { openJobs } from './jobs/open-jobs.ts'
import type { ServiceArguments } from './jobs/service-arguments.ts'
import { openKeysApi } from './keys/keys-api.ts'
import { openLiveApi } from './live/live-api.ts'
import { readingApis } from './reading/reading-apis.ts'
import { openRunsApi } from './runs/runs-api.ts'
import { openTuneApi } from './tune/tune-api.ts'

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
  const guard = openGuardApi({ guard: () => parts.guard, folder: terminal.folder })
  const env = { ...terminal.env, ...shared.env }
  const jobs = openJobs({ program: jobProgram, shared, url, env, folder: terminal.folder, logger })
  const reading = readingApis({ terminal, configFiles, decisions, sloMillis })
  const { deploy, scaling, alerts, doctor } = reading
  const { database } = service()
  const currency = (): string => service().currency
  const keys = database === undefined ? undefined : openKeysApi({ database, currency, logger })
  return {
    server: {
      operations: {
        alerts,
        deploy,
        doctor,
        guard,
        jobs,
        live: openLiveApi(service),
        runs: openRunsApi(() => service().runsDir.map((folder) => resolve(terminal.folder, folder))),
        scaling,
        tune: openTuneApi({ service, origins, configFiles, folder: terminal.folder }),
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
