/** All there is to be checked, group by group. A new group is a line here. */

import type { Source } from '../capture/capture.ts'
import type { Check } from './check.ts'
import { clusterChecks, clusterSources } from './cluster/cluster-checks.ts'
import { environmentChecks, environmentSources } from './environment/environment-checks.ts'
import { gpuChecks, gpuSources } from './gpu/gpu-checks.ts'
import { serverChecks, serverSources } from './server/server-checks.ts'
import { serviceChecks, serviceSources } from './service/service-checks.ts'

/**
 * Every check there is, in report order.
 *
 * @example
 * ```ts
 * import { allChecks } from '@hadal/doctor'
 *
 * allChecks.length > 50 // → true
 * ```
 */
export const allChecks: readonly Check[] = [
  ...environmentChecks,
  ...gpuChecks,
  ...serviceChecks,
  ...clusterChecks,
  ...serverChecks,
]

/**
 * Each once, also where several groups read it.
 *
 * @example
 * ```ts
 * import { allSources } from '@hadal/doctor'
 *
 * allSources.map(({ name }) => name).includes('nvidia-smi-query') // → true
 * ```
 */
export const allSources: readonly Source[] = [
  ...new Map(
    [...environmentSources, ...gpuSources, ...serviceSources, ...clusterSources, ...serverSources].map(
      (source) => [source.name, source],
    ),
  ).values(),
]
