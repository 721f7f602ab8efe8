/** The dashboards of a service: serving, guard and training always, GPUs where engines have any. */

import type { Deployment } from '../deployment/deployment.ts'
import type { BoardSpec } from './board-spec.ts'
import { gpuBoard } from './gpu.ts'
import { guardBoard } from './guard.ts'
import { scopeOf } from './scope.ts'
import { servingBoard } from './serving.ts'
import { toGrafana } from './to-grafana.ts'
import { trainingBoard } from './training.ts'

export interface Dashboard {
  /** File name without `.json`: `serving`. */
  readonly name: string
  readonly title: string
  /** As Grafana imports it. */
  readonly json: string
}

export function boardsOf(deployment: Deployment): readonly BoardSpec[] {
  const scope = scopeOf(deployment)
  const hasGpus = deployment.engines.some(({ gpus }) => gpus > 0)
  return [
    servingBoard(deployment, scope),
    guardBoard(scope),
    ...(hasGpus ? [gpuBoard(deployment, scope)] : []),
    trainingBoard(scope),
  ]
}

/**
 * Grafana's dashboards of a deployment, as JSON to import.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { dashboardsOf } from '@hadal/fleet'
 *
 * dashboardsOf(deployment).map(({ title }) => title) // → [ 'chat: serving', 'chat: guard', 'chat: GPUs', 'chat: training' ]
 * ```
 */
export function dashboardsOf(deployment: Deployment): readonly Dashboard[] {
  return boardsOf(deployment).map((board) => ({
    name: board.name,
    title: board.title,
    json: toGrafana(board, { uid: `${deployment.name}-${board.name}`.slice(0, 40) }),
  }))
}

/**
 * Every question that the boards ask, for those who check names. `$__rate_interval` is made a duration.
 *
 * @internal
 */
export function dashboardQueries(deployment: Deployment): readonly string[] {
  return boardsOf(deployment).flatMap(({ rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ queries }) => queries.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m'))),
    ),
  )
}
