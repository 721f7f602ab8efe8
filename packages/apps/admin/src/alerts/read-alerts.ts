/**
 * The alerts of a service, with their state if a Prometheus is known: that of a local `hadal monitor up`, otherwise the configured one.
 * Evaluates nothing itself.
 */

import { loadWatched } from '@hadal/cluster'
import { redactText } from '@hadal/config'
import {
  type AlertRule,
  allRunbooks,
  type Deployment,
  isAlert,
  localDeployment,
  rulesOf,
  silenceOf,
} from '@hadal/fleet'
import { isAlive, readRunning, stateFolder } from '@hadal/monitoring'
import type { Terminal } from '@hadal/output'
import type { AlertsAnswer } from '@hadal/protocol'
import type { OfConfig } from '../reading/of-config.ts'
import { alertStates } from './alert-states.ts'
import { askRules } from './ask-rules.ts'

/** Throws what `loadWatched` throws, and `monitor_scrape_interval`. */
export async function readAlerts({ config }: OfConfig, terminal: Terminal): Promise<AlertsAnswer> {
  const deployment = await loadWatched({ ...(config !== undefined && { config }) }, terminal)
  const { name, monitor } = deployment
  const place = prometheusOf(deployment, terminal)
  const hasRunbook = (alert: string): boolean => allRunbooks.some((each) => each.alert === alert)
  const answerOf = (of: Deployment): readonly AlertRule[] =>
    rulesOf(of).groups.flatMap(({ rules }) => rules.filter(isAlert))
  const shared = { service: name, silence: silenceOf(monitor) }
  if (place === undefined)
    return {
      ...shared,
      prometheus: { source: 'none', answers: false },
      rules: alertStates(answerOf(deployment), undefined, hasRunbook),
      targets: [],
    }
  const { source, url, folder } = place
  const rules = answerOf(
    folder === undefined ? deployment : localDeployment(deployment, { folder, hasGpus: true }),
  )
  const answer = await askRules(url)
  const prometheus = { source, url: redactText(url) }
  if ('problem' in answer)
    return {
      ...shared,
      prometheus: { ...prometheus, answers: false, problem: redactText(answer.problem) },
      rules: alertStates(rules, undefined, hasRunbook),
      targets: [],
    }
  const own = answer.rules.filter(
    ({ labels }) =>
      labels.service === name && (labels.namespace ?? deployment.namespace) === deployment.namespace,
  )
  return {
    ...shared,
    prometheus: { ...prometheus, answers: true },
    rules: alertStates(rules, own, hasRunbook),
    targets: answer.targets.map((target) => ({ ...target, url: redactText(target.url) })),
  }
}

function prometheusOf(
  { name, monitoring }: Deployment,
  terminal: Terminal,
): { readonly source: 'local' | 'config'; readonly url: string; readonly folder?: string } | undefined {
  const folder = stateFolder(undefined, name, terminal)
  const running = readRunning(folder)
  if (running !== undefined && isAlive(running) && running.prometheusUrl !== '')
    return { source: 'local', url: running.prometheusUrl, folder }
  const { prometheusUrl } = monitoring
  if (prometheusUrl === undefined || !URL.canParse(prometheusUrl)) return undefined
  return { source: 'config', url: prometheusUrl }
}
