/** The server that is watched: where its metrics are, and whether it gives them. */

import { accessSync, constants, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import { monitorKeyFileUnreadable, monitorMetricsRefused } from './errors.ts'

export interface MetricsFlags {
  readonly url?: string
  readonly keyFile?: string
}

const answerMillis = 10_000

/** `http://host/v1` is what clients of the API are given; its metrics are alongside that. Throws `usage`. */
export function metricsUrl(given: string, command: string): string {
  if (!/^https?:\/\//.test(given) || !URL.canParse(given))
    throw usage(`${JSON.stringify(given)} is no http or https URL`, command)
  const url = new URL(given)
  if (url.username !== '' || url.password !== '')
    throw usage('a URL with a password in it: name a key with --key-file', command)
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  url.pathname = path.endsWith('/metrics') ? path : `${path}/metrics`
  return url.href
}

/** Its absolute path, if it is named. Throws `monitor_key_file_unreadable`. */
export function readableFile(path: string | undefined, { folder }: Terminal): string | undefined {
  if (path === undefined) return undefined
  const whole = resolve(folder, path)
  try {
    accessSync(whole, constants.R_OK)
  } catch (error) {
    throw monitorKeyFileUnreadable(whole, messageOf(error))
  }
  return whole
}

/** The text of its metrics. Throws `monitor_metrics_refused`, and what `fetch` throws where nothing answers. */
export async function fetchMetrics(url: string, keyFile: string | undefined): Promise<string> {
  const key = keyFile === undefined ? undefined : readFileSync(keyFile, 'utf8').trim()
  const response = await fetch(url, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(answerMillis),
    redirect: 'manual',
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw monitorMetricsRefused(url, response.status)
  }
  const text = await response.text()
  if (!/^# TYPE /m.test(text)) throw monitorMetricsRefused(url, undefined)
  return text
}
