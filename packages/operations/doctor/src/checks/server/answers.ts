/** Checks that the server responds, authorises, has its models, and is healthy. */

import type { Capture, RawReading } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import { serverFigures } from './server-figures.ts'

const unnamed: Verdict = { severity: 'skipped', says: 'no running server was given (--url)' }
const checkLog: Fix = {
  text: 'Read the server log, or let `hadal doctor explain` analyze it.',
  command: 'hadal doctor explain server.log',
}

/** 200 on success; undefined without a response. */
function statusOf(reading: RawReading): number | undefined {
  if (!('failed' in reading)) return 200
  const status = /^HTTP (\d{3})\b/.exec(reading.detail)?.[1]
  return status === undefined ? undefined : Number(status)
}

const needsKey: Fix = {
  text: 'Pass a key of this server with --key-file.',
  command: 'hadal doctor server --url URL --key-file FILE',
}

function answers({ readings }: Capture): Verdict {
  const reading = readings['server-health']
  if (reading === undefined) return unnamed
  const status = statusOf(reading)
  if (status === undefined && 'failed' in reading)
    return {
      severity: 'error',
      says: `it does not respond: ${reading.detail}`,
      fix: {
        text: 'Check that it runs, that the address is correct, and that no firewall blocks it. A server that accepts connections but does not respond hangs: its log shows where.',
        command: 'curl -m 5 -i URL/health',
      },
    }
  if (status === 200) return { severity: 'ok', says: 'it responds' }
  if (status === 503)
    return {
      severity: 'error',
      says: `its model is not loaded${saysItself(reading)}`,
      fix: { text: 'Wait for it to load. If it does not, check the server log.', command: checkLog.command! },
    }
  return {
    severity: status === 404 ? 'note' : 'warning',
    says: `it responds, but /health returns status ${status}${status === 404 ? '(unknown route)' : ''}`,
    fix: { text: "Check whether this is the server's own address or that of a proxy in front of it." },
  }
}

function ready({ readings }: Capture): Verdict {
  const reading = readings['server-ready']
  if (reading === undefined) return unnamed
  const status = statusOf(reading)
  if (status === 200) return { severity: 'ok', says: 'it accepts requests' }
  if (status === 404) return { severity: 'skipped', says: 'this server does not report readiness' }
  if (status !== 503)
    return {
      severity: 'unknown',
      says: `its readiness is unknown: ${'failed' in reading ? reading.detail : ''}`,
      fix: checkLog,
    }
  const isDraining = /"draining"/.test(reading.text ?? '')
  return {
    severity: isDraining ? 'warning' : 'error',
    says: isDraining
      ? 'it is shutting down: it finishes running requests and accepts no new ones'
      : 'it accepts no requests: a required model is not loaded',
    fix: isDraining
      ? { text: 'Use another replica. If the shutdown is unexpected, its log shows the cause.' }
      : checkLog,
  }
}

interface Card {
  readonly id?: unknown
  readonly status?: {
    readonly value?: unknown
    readonly failed?: unknown
    readonly asleep?: unknown
    readonly eta_seconds?: unknown
  } | null
}

const maxModels = 100

function models({ readings }: Capture): Verdict | readonly Verdict[] {
  const reading = readings['server-models']
  if (reading === undefined) return unnamed
  const status = statusOf(reading)
  if (status === 401 || status === 403)
    return { severity: 'unknown', says: 'it lists its models only to clients with a key', fix: needsKey }
  const cards = status === 200 ? cardsIn(reading.text ?? '') : undefined
  if (cards === undefined)
    return {
      severity: 'unknown',
      says: `its model list could not be read${'failed' in reading ? `: ${reading.detail}` : ''}`,
      fix: { text: 'Check its response.', command: 'curl -m 5 -i URL/v1/models' },
    }
  if (cards.length === 0)
    return {
      severity: 'error',
      says: 'it serves no model',
      fix: { text: 'Set `model` or `models` in its config.' },
    }
  const found = cards.slice(0, maxModels).flatMap((card) => ofModel(card) ?? [])
  if (found.length > 0) return found
  return {
    severity: 'ok',
    says: cards.length === 1 ? `it has ${nameOf(cards[0]!)}` : `it has ${cards.length} models`,
  }
}

function ofModel(card: Card): Verdict | undefined {
  const { value, failed, asleep, eta_seconds: eta } = card.status ?? {}
  const name = nameOf(card)
  if (failed === true)
    return {
      severity: 'error',
      says: value === 'elsewhere' ? `${name}: no replica is healthy` : `${name} could not be loaded`,
      fix: checkLog,
    }
  if (asleep === true)
    return {
      severity: 'note',
      says: `${name} is scaled to zero${typeof eta === 'number' ? `, and would start in about ${Math.round(eta)} s` : ''}`,
      fix: {
        text: 'The next request starts it. If that takes too long, keep one engine: scaling.minReplicas 1.',
      },
    }
  if (value === 'loading')
    return { severity: 'note', says: `${name} is being loaded`, fix: { text: 'Wait, then check again.' } }
  return undefined
}

const nameOf = ({ id }: Card): string => String(id ?? 'a model without a name').slice(0, 200)

function cardsIn(text: string): readonly Card[] | undefined {
  try {
    const { data } = (JSON.parse(text) ?? {}) as { readonly data?: unknown }
    if (!Array.isArray(data)) return undefined
    return data.filter((card): card is Card => typeof card === 'object' && card !== null)
  } catch {
    return undefined
  }
}

function metricsAreRead(capture: Capture): Verdict {
  const reading = capture.readings['server-metrics']
  if (reading === undefined) return unnamed
  const status = statusOf(reading)
  if (status === 401 || status === 403)
    return {
      severity: 'unknown',
      says: 'its metrics need an admin key (privateMetrics): they are not checked',
      fix: needsKey,
    }
  if (status === 404 || status === 501)
    return {
      severity: 'unknown',
      says: 'it has no metrics: they are not checked',
      fix: { text: 'Start llama-server with --metrics, or SGLang with --enable-metrics.' },
    }
  const found = serverFigures(capture)
  if ('verdict' in found)
    return {
      severity: 'unknown',
      says: `its metrics could not be read${'failed' in reading ? `: ${reading.detail}` : ': no line is in Prometheus format'}`,
      fix: { text: 'Check its response.', command: 'curl -m 5 -i URL/metrics' },
    }
  const { maker = 'another server', size, models, modelsLeft, isAnother } = found.figures
  if (isAnother)
    return {
      severity: 'warning',
      says: 'another process responded a moment later: the server restarted, or several servers share this address',
      fix: {
        text: 'With several servers, check each by its own address. With only one, its log shows how it ended.',
        command: 'hadal doctor explain server.log',
      },
    }
  if (modelsLeft > 0)
    return {
      severity: 'unknown',
      says: `${modelsLeft} of ${models.length + modelsLeft} models are not checked: there are too many`,
      fix: { text: 'Check each server separately.' },
    }
  if (found.isCut)
    return {
      severity: 'unknown',
      says: `its metrics were truncated after ${size} series: the rest is not checked`,
      fix: { text: 'Use fewer models or replicas per server to reduce the number of series.' },
    }
  return { severity: 'ok', says: `${size} series of ${maker}` }
}

/** The response's `message`, if short. */
function saysItself({ text = '' }: RawReading): string {
  const words = /"message":\s*"([^"\\]{1,200})"/.exec(text)?.[1]
  return words === undefined ? '' : `: ${words}`
}

const group = 'server'

export const answerChecks: readonly Check[] = [
  { id: 'server-answers', group, title: 'Answers', reads: ['server-health'], verdict: answers },
  { id: 'server-ready', group, title: 'Ready', reads: ['server-ready'], verdict: ready },
  { id: 'server-models', group, title: 'Models', reads: ['server-models'], verdict: models },
  { id: 'server-metrics', group, title: 'Metrics', reads: ['server-metrics'], verdict: metricsAreRead },
]
