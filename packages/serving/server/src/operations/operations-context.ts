/**
 * Administrative operations supplied by the host program. Each member is an interface to something outside the server (files, clusters,
 * other commands). Missing ones respond with `operation_unavailable`.
 */

import type { Clock } from '@hadal/base'
import type { RequestGuard } from '../guard/request-guard.ts'
import type { LiveDoor } from '../live/door.ts'
import type { RouteContext } from '../route-context.ts'
import type { AlertsDoor } from './alerts/door.ts'
import type { DeployDoor } from './deploy/door.ts'
import type { DoctorDoor } from './doctor/door.ts'
import type { GuardDoor } from './guard/door.ts'
import type { JobsDoor } from './jobs/door.ts'
import type { KeysDoor } from './keys/door.ts'
import type { RunsDoor } from './runs/door.ts'
import type { ScalingDoor } from './scaling/door.ts'
import type { TuneDoor } from './tune/door.ts'

export interface Operations {
  readonly alerts?: AlertsDoor
  readonly deploy?: DeployDoor
  readonly doctor?: DoctorDoor
  readonly guard?: GuardDoor
  readonly jobs?: JobsDoor
  readonly keys?: KeysDoor
  readonly live?: LiveDoor
  readonly runs?: RunsDoor
  readonly scaling?: ScalingDoor
  readonly tune?: TuneDoor
}

export interface OperationsContext extends Pick<RouteContext, 'accepting'> {
  readonly operations: Operations
  readonly guard: RequestGuard
  readonly version: string
  readonly clock: Clock
}
