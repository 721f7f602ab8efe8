/**
 * Administrative operations supplied by the host program. Each member is an interface to something outside the server (files, clusters,
 * other commands). Missing ones respond with `operation_unavailable`.
 */

import type { Clock } from '@hadal/base'
import type { FastifyInstance } from 'fastify'
import type { RequestGuard } from '../guard/request-guard.ts'
import type { LiveDoor } from '../live/door.ts'
import type { RouteContext } from '../route-context.ts'
import type { AlertsDoor } from './alerts/door.ts'
import { alertRoutes } from './alerts/routes.ts'
import type { DeployDoor } from './deploy/door.ts'
import { deployRoutes } from './deploy/routes.ts'
import type { DoctorDoor } from './doctor/door.ts'
import { doctorRoutes } from './doctor/routes.ts'
import type { GuardDoor } from './guard/door.ts'
import { guardOperationRoutes } from './guard/routes.ts'
import type { JobsDoor } from './jobs/door.ts'
import { jobRoutes } from './jobs/routes.ts'
import type { KeysDoor } from './keys/door.ts'
import { keyRoutes } from './keys/routes.ts'
import type { RunsDoor } from './runs/door.ts'
import { runRoutes } from './runs/routes.ts'
import type { ScalingDoor } from './scaling/door.ts'
import { scalingRoutes } from './scaling/routes.ts'
import type { TuneDoor } from './tune/door.ts'
import { tuneRoutes } from './tune/routes.ts'

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

export function operationRoutes(app: FastifyInstance, context: OperationsContext): void {
  const { operations, version } = context
  app.get('/hadal/console', async () => ({ version, operations: Object.keys(operations) }))
  guardOperationRoutes(app, context)
  keyRoutes(app, context)
  jobRoutes(app, context)
  tuneRoutes(app, context)
  deployRoutes(app, context)
  runRoutes(app, context)
  scalingRoutes(app, context)
  alertRoutes(app, context)
  doctorRoutes(app, context)
}
