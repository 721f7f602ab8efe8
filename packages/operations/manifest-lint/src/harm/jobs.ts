/** Jobs: how often they try again, how long they stay, and whether they overlap. */

import type { FactualRule } from '../rule-facts.ts'
import { textAt, valueAt } from './read/values.ts'
import { workloadsOf } from './read/workload.ts'

const unboundedJob: FactualRule = {
  id: 'unbounded_job',
  severity: 'advice',
  what: 'a Job without a retry limit or a cleanup time',
  why: 'By default it retries six times, each with its GPUs, and its pods are never deleted.',
  *find({ manifest }) {
    const path = { Job: ['spec'], CronJob: ['spec', 'jobTemplate', 'spec'] }[textAt(manifest, 'kind') ?? '']
    if (path === undefined) return
    const isCron = path.length > 1
    const lacking = [
      ...(valueAt(manifest, ...path, 'backoffLimit') === undefined ? ['backoffLimit: 2'] : []),
      ...(isCron || valueAt(manifest, ...path, 'ttlSecondsAfterFinished') !== undefined
        ? []
        : ['ttlSecondsAfterFinished: 86400']),
    ]
    if (lacking.length === 0) return
    yield {
      path,
      reason: `the Job does not set ${lacking.map((each) => each.split(':')[0]).join(' or ')}`,
      fix: lacking.join(', '),
    }
  },
}

const overlappingRuns: FactualRule = {
  id: 'overlapping_cron_job',
  severity: 'harmful',
  what: 'a CronJob with GPUs whose runs may overlap',
  why: 'A run that takes longer than its schedule holds GPUs that the next run needs, until none are free. Without GPUs the finding is advice.',
  *find(object) {
    const { manifest } = object
    if (
      textAt(manifest, 'kind') !== 'CronJob' ||
      (textAt(manifest, 'spec', 'concurrencyPolicy') ?? 'Allow') !== 'Allow'
    )
      return
    const isSaid = valueAt(manifest, 'spec', 'concurrencyPolicy') !== undefined
    const gpus = workloadsOf(object)[0]?.gpus ?? 0
    yield {
      path: ['spec', 'concurrencyPolicy'],
      reason: `concurrencyPolicy is Allow${isSaid ? '' : ' by default'}: the next run starts while the previous one is still running${gpus > 0 ? `, each with ${gpus} GPU${gpus === 1 ? '' : 's'}` : ''}`,
      fix: 'concurrencyPolicy: Forbid',
      ...(gpus > 0 ? {} : { severity: 'advice' as const }),
    }
  },
}

export const jobRules: readonly FactualRule[] = [unboundedJob, overlappingRuns]
