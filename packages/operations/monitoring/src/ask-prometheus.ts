/** Asks a Prometheus and an Alertmanager on this machine how things are. Every wait has a limit. */

import type { Alert, Look, Target } from './alert-news.ts'

const answerMillis = 5000

/** Whether it answers its health route with yes. */
export async function isReady(url: string, signal?: AbortSignal): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal: limited(signal) })).ok
  } catch {
    return false
  }
}

/** Targets and alerts now. Throws what `fetch` throws, and on anything that Prometheus would not answer. */
export async function inspect(prometheusUrl: string, signal?: AbortSignal): Promise<Look> {
  const [{ groups }, { activeTargets }] = await Promise.all([
    ask<{ groups: { rules: AlertingRule[] }[] }>(`${prometheusUrl}/api/v1/rules?type=alert`, signal),
    ask<{ activeTargets: ActiveTarget[] }>(`${prometheusUrl}/api/v1/targets?state=active`, signal),
  ])
  const rules = groups.flatMap((group) => group.rules)
  const targets = activeTargets.map(toTarget)
  return {
    alerts: rules.flatMap(({ alerts }) => alerts ?? []),
    targets,
    isWhole:
      targets.length > 0 &&
      targets.every(({ health }) => health !== 'unknown') &&
      rules.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > 0),
  }
}

interface AlertingRule {
  readonly alerts?: readonly Alert[]
  /** In the year 1 if it was never evaluated. */
  readonly lastEvaluation: string
}

interface ActiveTarget {
  readonly labels: Readonly<Record<string, string>>
  readonly scrapeUrl: string
  readonly health: Target['health']
  readonly lastError: string
}

const toTarget = ({ labels, scrapeUrl, health, lastError }: ActiveTarget): Target => ({
  job: labels.job ?? '',
  url: scrapeUrl,
  health,
  error: lastError,
})

/** Number of alerts that Alertmanager suppresses because they are inhibited or silenced. */
export async function suppressedAlerts(alertmanagerUrl: string, signal?: AbortSignal): Promise<number> {
  const url = `${alertmanagerUrl}/api/v2/alerts?active=false&silenced=true&inhibited=true`
  const response = await fetch(url, { signal: limited(signal) })
  if (!response.ok) throw new Error(`${url} answers with status ${response.status}`)
  return ((await response.json()) as unknown[]).length
}

async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal: limited(signal) })
  if (!response.ok) throw new Error(`${url} answers with status ${response.status}`)
  const { status, data } = (await response.json()) as { status: string; data: T }
  if (status !== 'success') throw new Error(`${url} answers ${status}`)
  return data
}

function limited(signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(answerMillis)
  return signal === undefined ? limit : AbortSignal.any([signal, limit])
}
