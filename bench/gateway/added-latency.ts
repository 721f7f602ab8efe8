/**
 * What the gateway adds: the same request to the same replica, directly and through it, in turns, so that whatever else the
 * machine does is done to both.
 */

import { Agent } from 'node:http'
import { percentileOf } from '../overload/overload.ts'
import { ask } from './ask.ts'

export interface LatencyRow {
  readonly sort: string
  readonly direct: Percentiles
  readonly relayed: Percentiles
  /** Of the first byte, at P50 and P99. */
  readonly addedP50: number
  readonly addedP99: number
}

interface Percentiles {
  readonly firstP50: number
  readonly firstP99: number
  readonly totalP50: number
}

const turn = 'The quick brown fox jumps over the lazy dog, as it has done in every text of this kind. '

/** Sorts of requests: short and long, streamed and whole. */
export const sorts: Readonly<Record<string, Record<string, unknown>>> = {
  'streamed, short prompt': { stream: true, messages: [{ role: 'user', content: 'Hello!' }] },
  'whole, short prompt': { messages: [{ role: 'user', content: 'Hello!' }] },
  'streamed, 20 turns of 900 characters': {
    stream: true,
    messages: Array.from({ length: 20 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: turn.repeat(10),
    })),
  },
}

export async function addedLatency(
  direct: string,
  relayed: string,
  { requests, sort }: { readonly requests: number; readonly sort: string },
): Promise<LatencyRow> {
  const agent = new Agent({ keepAlive: true })
  const payload = JSON.stringify({ model: 'm', ...sorts[sort] })
  const measured: Record<'direct' | 'relayed', { first: number[]; total: number[] }> = {
    direct: { first: [], total: [] },
    relayed: { first: [], total: [] },
  }
  const warmUp = Math.min(300, requests)
  for (let index = -warmUp; index < requests; index += 1) {
    const order = index % 2 === 0 ? (['direct', 'relayed'] as const) : (['relayed', 'direct'] as const)
    for (const way of order) {
      const base = way === 'direct' ? direct : relayed
      const { status, firstMillis, totalMillis } = await ask(`${base}/v1/chat/completions`, agent, payload)
      if (status !== 200 || firstMillis === undefined) throw new Error(`${way}: status ${status}`)
      if (index < 0) continue
      measured[way].first.push(firstMillis)
      measured[way].total.push(totalMillis)
    }
  }
  agent.destroy()
  const of = ({ first, total }: { first: number[]; total: number[] }): Percentiles => ({
    firstP50: percentileOf(first, 0.5),
    firstP99: percentileOf(first, 0.99),
    totalP50: percentileOf(total, 0.5),
  })
  const rows = { direct: of(measured.direct), relayed: of(measured.relayed) }
  return {
    sort,
    ...rows,
    addedP50: rows.relayed.firstP50 - rows.direct.firstP50,
    addedP99: rows.relayed.firstP99 - rows.direct.firstP99,
  }
}
