/** Reads rules and targets from a Prometheus. Failures become a short message. */

import { isPlainObject, messageOf } from '@hadal/base'

export interface PrometheusRule {
  readonly name: string
  readonly duration: number
  readonly labels: Readonly<Record<string, string>>
  readonly health: string
  readonly lastError: string
  readonly alerts: readonly PrometheusAlert[]
}

export interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: 'firing' | 'pending'
  readonly activeAt: string
  readonly value: string
}

export interface PrometheusTarget {
  readonly job: string
  readonly url: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly error: string
}

export type RulesAnswer =
  | { readonly rules: readonly PrometheusRule[]; readonly targets: readonly PrometheusTarget[] }
  | { readonly problem: string }

const answerMillis = 5000
const maxBytes = 8 * 2 ** 20
const maxTargets = 200

/** Does not reject. A name with a password in the address goes into a header. */
export async function askRules(url: string): Promise<RulesAnswer> {
  try {
    const signal = AbortSignal.timeout(answerMillis)
    const [rules, targets] = await Promise.all([
      ask(url, 'rules?type=alert', signal),
      ask(url, 'targets?state=active', signal),
    ])
    return {
      rules: listOf(rules, 'groups')
        .flatMap((group) => listOf(group, 'rules'))
        .map(toRule),
      targets: listOf(targets, 'activeTargets').slice(0, maxTargets).map(toTarget),
    }
  } catch (thrown) {
    return { problem: whyNot(thrown) }
  }
}

async function ask(given: string, path: string, signal: AbortSignal): Promise<unknown> {
  const url = new URL(given)
  const { username, password } = url
  url.username = url.password = ''
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const response = await fetch(`${url.href.replace(/\/+$/, '')}/api/v1/${path}`, {
    signal,
    redirect: 'error',
    headers: username === '' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  })
  if (!response.ok) throw new Error(`it answers with status ${response.status}`)
  const { status, data } = JSON.parse(await textOf(response)) as { status?: unknown; data?: unknown }
  if (status !== 'success') throw new Error('the response is not from Prometheus')
  return data
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('its response is larger than 8 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function whyNot(thrown: unknown): string {
  if (thrown instanceof SyntaxError) return 'the response is not from Prometheus'
  if ((thrown as Error).name === 'TimeoutError') return `no response within ${answerMillis / 1000} s`
  const cause = (thrown as Error).cause as { code?: unknown } | undefined
  if (cause?.code === 'ECONNREFUSED') return 'connection refused'
  if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN') return 'the host name does not resolve'
  return messageOf(cause instanceof Error ? cause : thrown)
}

function listOf(value: unknown, name: string): readonly Record<string, unknown>[] {
  const list = isPlainObject(value) ? value[name] : undefined
  if (!Array.isArray(list)) throw new Error('the response is not from Prometheus')
  return list.filter(isPlainObject)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isPlainObject(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, text(each)]))
}

function toRule({
  name,
  duration,
  labels,
  health,
  lastError,
  alerts,
}: Record<string, unknown>): PrometheusRule {
  return {
    name: text(name),
    duration: Number(duration) || 0,
    labels: texts(labels),
    health: text(health),
    lastError: text(lastError),
    alerts: (Array.isArray(alerts) ? alerts.filter(isPlainObject) : []).map((alert) => ({
      labels: texts(alert.labels),
      annotations: texts(alert.annotations),
      state: alert.state === 'firing' ? 'firing' : 'pending',
      activeAt: text(alert.activeAt),
      value: text(alert.value),
    })),
  }
}

function toTarget({ labels, scrapeUrl, health, lastError }: Record<string, unknown>): PrometheusTarget {
  return {
    job: texts(labels).job ?? '',
    url: text(scrapeUrl),
    health: health === 'up' || health === 'down' ? health : 'unknown',
    error: text(lastError),
  }
}
