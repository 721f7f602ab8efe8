/** All rules of a deployment, topic by topic, as one rule file. */

import type { Deployment } from '../deployment/deployment.ts'
import type { RuleGroups } from './rule-groups.ts'
import { RuleView } from './rule-view.ts'
import type { TopicOf, TopicRules } from './topic-rules.ts'
import { availability } from './topics/availability.ts'
import { backlog } from './topics/backlog.ts'
import { cluster } from './topics/cluster.ts'
import { engines } from './topics/engines.ts'
import { gpus } from './topics/gpus.ts'
import { latency } from './topics/latency.ts'
import { scaler } from './topics/scaler.ts'
import { service } from './topics/service.ts'
import { targets } from './topics/targets.ts'
import { training } from './topics/training.ts'
import { upstreams } from './topics/upstreams.ts'

const topics: readonly TopicOf[] = [
  availability,
  latency,
  backlog,
  targets,
  engines,
  upstreams,
  service,
  gpus,
  cluster,
  scaler,
  training,
]

/**
 * Recording rules and alerts, as Prometheus reads them. Throws `monitor_scrape_interval`.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { rulesOf } from '@hadal/fleet'
 *
 * const { groups } = rulesOf(deployment)
 * groups.length > 0 // → true
 * ```
 */
export function rulesOf(deployment: Deployment): RuleGroups {
  const { name } = deployment
  const groups = topicsOf(deployment).map(({ group, rules }) => ({ name: `${name}-${group}`, rules }))
  return { groups: groups.filter(({ rules }) => rules.length > 0) }
}

export function topicsOf(deployment: Deployment): readonly TopicRules[] {
  const view = new RuleView(deployment)
  return topics.map((topic) => topic(view))
}
