/** Rules for rollouts: deadlines, and avoidable downtime. */

import type { FactualRule } from '../rule-facts.ts'
import { fieldsAt, listAt, numberAt, textAt, valueAt } from './read/values.ts'
import { servicesOf, workloadsOf } from './read/workload.ts'

const shortDeadline: FactualRule = {
  id: 'short_progress_deadline',
  severity: 'advice',
  what: 'a rollout that is marked as failed while its pods are still starting',
  why: 'progressDeadlineSeconds defaults to 600; a start that is allowed to take longer is reported as ProgressDeadlineExceeded.',
  *find(object) {
    if (textAt(object.manifest, 'kind') !== 'Deployment') return
    const deadline = numberAt(object.manifest, 'spec', 'progressDeadlineSeconds') ?? 600
    for (const { containers } of workloadsOf(object))
      for (const { fields, name } of containers) {
        const probe = fieldsAt(fields, 'startupProbe')
        const budget = (numberAt(probe, 'periodSeconds') ?? 10) * (numberAt(probe, 'failureThreshold') ?? 3)
        if (fields.startupProbe === undefined || budget <= deadline) continue
        yield {
          path: ['spec', 'progressDeadlineSeconds'],
          reason: `container ${name} may take ${budget} s to start, but the rollout is marked as failed after ${deadline} s`,
          fix: `progressDeadlineSeconds: ${budget + 300}`,
        }
      }
  },
}

const recreateDowntime: FactualRule = {
  id: 'recreate_downtime',
  severity: 'advice',
  what: 'a strategy Recreate without a reason for it',
  why: 'All old pods stop before the first new one starts: the service is down in between.',
  *find(object, context) {
    for (const workload of workloadsOf(object)) {
      if (textAt(object.manifest, 'spec', 'strategy', 'type') !== 'Recreate' || workload.gpus > 0) continue
      const claims = listAt(workload.pod, 'volumes').some(
        (volume) => valueAt(volume, 'persistentVolumeClaim') !== undefined,
      )
      if (claims || servicesOf(workload, context).length === 0) continue
      yield {
        path: ['spec', 'strategy', 'type'],
        reason:
          'Recreate causes downtime while a new version starts, and neither GPUs nor volumes require it',
        fix: 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }',
      }
    }
  },
}

export const rolloutRules: readonly FactualRule[] = [shortDeadline, recreateDowntime]
