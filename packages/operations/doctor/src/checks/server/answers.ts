/** Checks that the server responds, authorises, has its models, and is healthy. */

import type { Capture, RawReading } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import { serverFigures } from './server-figures.ts'

const unnamed: Verdict = { severity: 'skipped', says: 'no running server was named (--url)' }
const checkLog: Fix = {
  text: 'Look into the server’s log, and let it be explained.',
  command: 'hadal doctor explain server.log',
}

/** 200 where it answered well; undefined where it did not answer at all. */
function statusOf(reading: RawReading): number | undefined {
  if (!('failed' in reading)) return 200
  const status = /^HTTP (\d{3})\b/.exec(reading.detail)?.[1]
  return status === undefined ? undefined : Number(status)
}

const needsKey: Fix = {
  text: 'Give the doctor a key of this server.',
  command: 'hadal doctor server --url URL --key-file FILE',
}

function answers({ readings }: Capture): Verdict {
  const reading = readings['server-health']
  if (reading === undefined) return unnamed
  const status = statusOf(reading)
  if (status === undefined && 'failed' in reading)
    return {
      severity: 'error',
      says: `it does not answer: ${reading.detail}`,
      fix: {
        text: 'See whether it runs, whether this is its address, and whether a firewall is between. One that takes the connection and says nothing hangs: its log tells where.',
        command: 'curl -m 5 -i URL/health',
      },
    }
  if (status === 200) return { severity: 'ok', says: 'it answers' }
  if (status === 503)
    return {
      severity: 'error',
      says: `its model is not loaded${saysItself(reading)}`,
      fix: { text: 'Wait until it is; if it never is, its log says why.', command: checkLog.command! },
    }
  return {
    severity: status === 404 ? 'note' : 'warning',
    says: `it answers, and has status ${status} for /health${status === 404 ? ', which it does not know' : ''}`,
    fix: { text: 'See whether this address is the server’s own, or another one’s in front of it.' },
  }
}

function ready({ readings }: Capture): Verdict {
  const reading = readings['server-ready']
  if (reading === undefined) return unnamed
  const status = statusOf(reading)
  if (status === 200) return { severity: 'ok', says: 'it takes requests' }
  if (status === 404) return { severity: 'skipped', says: 'this server does not say whether it is ready' }
  if (status !== 503)
    return {
      severity: 'unknown',
      says: `whether it is ready is not known: ${'failed' in reading ? reading.detail : ''}`,
      fix: checkLog,
    }
  const isDraining = /"draining"/.test(reading.text ?? '')
  return {
    severity: isDraining ? 'warning' : 'error',
    says: isDraining
      ? 'it ends: it answers what it has and takes nothing new'
      : 'it takes no requests: a model that has to be there is not',
    fix: isDraining
      ? { text: 'Ask another one. If nobody wanted it to end, its log says who did.' }
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
    return { severity: 'unknown', says: 'it lists its models only to those who have a key', fix: needsKey }
  const cards = status === 200 ? cardsIn(reading.text ?? '') : undefined
  if (cards === undefined)
    return {
      severity: 'unknown',
      says: `its list of models could not be read${'failed' in reading ? `: ${reading.detail}` : ''}`,
      fix: { text: 'See what it answers.', command: 'curl -m 5 -i URL/v1/models' },
    }
  if (cards.length === 0)
    return {
      severity: 'error',
      says: 'it has no model',
      fix: { text: 'Name one in its config (`models`), or as `model`.' },
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
      says: value === 'elsewhere' ? `${name}: no replica is well` : `${name} could not be loaded`,
      fix: checkLog,
    }
  if (asleep === true)
    return {
      severity: 'note',
      says: `${name} sleeps${typeof eta === 'number' ? `, and would be there in about ${Math.round(eta)} s` : ''}`,
      fix: {
        text: 'The next request wakes it. If that takes too long, keep one engine: scaling.minReplicas 1.',
      },
    }
  if (value === 'loading')
    return { severity: 'note', says: `${name} is being loaded`, fix: { text: 'Wait, and look again.' } }
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
      says: 'its metrics need an administrator’s key (privateMetrics): nothing of its figures is checked',
      fix: needsKey,
    }
  if (status === 404 || status === 501)
    return {
      severity: 'unknown',
      says: 'it has no metrics: nothing of its figures is checked',
      fix: { text: 'llama-server and SGLang have them when started with --metrics or --enable-metrics.' },
    }
  const found = serverFigures(capture)
  if ('verdict' in found)
    return {
      severity: 'unknown',
      says: `its metrics could not be read${'failed' in reading ? `: ${reading.detail}` : ': there is no line in Prometheus’ format'}`,
      fix: { text: 'See what it answers.', command: 'curl -m 5 -i URL/metrics' },
    }
  const { maker = 'another server', size, models, modelsLeft, isAnother } = found.figures
  if (isAnother)
    return {
      severity: 'warning',
      says: 'another process answered a moment later: it began anew, or several stand behind this address',
      fix: {
        text: 'Of several, ask each by its own address: figures of one are not those of all. If there is only one, its log says how it ended.',
        command: 'hadal doctor explain server.log',
      },
    }
  if (modelsLeft > 0)
    return {
      severity: 'unknown',
      says: `${modelsLeft} of ${models.length + modelsLeft} models are not judged: it has too many`,
      fix: { text: 'Ask each server that has a part of them.' },
    }
  if (found.isCut)
    return {
      severity: 'unknown',
      says: `its metrics were cut after ${size} series: what stands behind is not checked`,
      fix: { text: 'Fewer models or replicas behind one server have fewer series.' },
    }
  return { severity: 'ok', says: `${size} series of ${maker}` }
}

/** What it says of itself, shortened. */
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
