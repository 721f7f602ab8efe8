/**
 * Administrative operations supplied by the host program. Each member is an interface to something outside the server (files, clusters,
 * other commands). Missing ones respond with `operation_unavailable`.
 */

import type { Clock } from '@hadal/base'
import type { RequestGuard } from '../guard/request-guard.ts'
import type { LiveApi } from '../live/api.ts'
import type { RouteContext } from '../route-context.ts'
import type { AlertsApi } from './alerts/api.ts'
import type { DeployApi } from './deploy/api.ts'
import type { DoctorApi } from './doctor/api.ts'
import type { GuardApi } from './guard/api.ts'
import type { JobsApi } from './jobs/api.ts'
import type { KeysApi } from './keys/api.ts'
import type { RunsApi } from './runs/api.ts'
import type { ScalingApi } from './scaling/api.ts'
import type { TuneApi } from './tune/api.ts'

export interface Operations {
  readonly alerts?: AlertsApi
  readonly deploy?: DeployApi
  readonly doctor?: DoctorApi
  readonly guard?: GuardApi
  readonly jobs?: JobsApi
  readonly keys?: KeysApi
  readonly live?: LiveApi
  readonly runs?: RunsApi
  readonly scaling?: ScalingApi
  readonly tune?: TuneApi
}

export interface OperationsContext extends Pick<RouteContext, 'accepting'> {
  readonly operations: Operations
  readonly guard: RequestGuard
  readonly version: string
  readonly clock: Clock
}
