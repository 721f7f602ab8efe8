/** The rendered rules for a service with the claimed SLO, as a promtool file: latency and backlog only. */

import { checkService, resolveSettings, serviceSettings } from '@hadal/config'
import { type Deployment, planToWatch, ruleFile, rulesOf } from '@hadal/fleet'

export interface Promised {
  readonly latencyMillis: number
  readonly maxBacklog: number
  readonly scrapeMillis: number
}

export interface RenderedRules {
  readonly promised: Promised
  readonly text: string
  /** What a scrape adds to the series of the gateway's pod, and of an engine's. */
  readonly gateway: Readonly<Record<string, string>>
  readonly engine: Readonly<Record<string, string>>
}

export function renderedRules(): RenderedRules {
  const config = { model: 'nano', slo: { latencyMillis: '500ms', maxBacklog: 10 } }
  const { values } = resolveSettings(
    serviceSettings,
    { file: { path: 'hadal.config.ts', values: config } },
    { check: checkService },
  )
  const deployment = planToWatch({ service: values, said: new Set(['model', 'slo']), version: '0' })
  const { slo, monitor, namespace, gateway, engines } = deployment
  return {
    promised: {
      latencyMillis: slo.latencyMillis,
      maxBacklog: slo.maxBacklog,
      scrapeMillis: monitor.scrapeIntervalMillis,
    },
    text: ruleFile({ groups: groupsOf(deployment) }),
    gateway: { namespace, pod: `${gateway.name}-6d5f7c9b8-x7k2p` },
    engine: { namespace, pod: `${engines[0]!.name}-7b9c8d5f4-q2w9z` },
  }
}

/** promtool evaluates every rule of a file in every test: others would only take time. */
function groupsOf(deployment: Deployment): ReturnType<typeof rulesOf>['groups'] {
  return rulesOf(deployment).groups.filter(({ name }) => /-(?:latency|backlog)$/.test(name))
}
