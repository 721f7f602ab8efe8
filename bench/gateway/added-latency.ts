/**
 * What the gateway adds: the same request to the same replica, directly and through it, in turns, so that whatever else the
 * machine does is done to both.
 */

import { Agent } from 'node:http'
import { percentileOf } from '../overload/overload.ts'
import { ask } from './ask.ts'

/** Direct, or through what is in front. */
export interface LatencyRow {
  readonly way: string
  readonly sort: string
  readonly firstP50: number
  readonly firstP99: number
  readonly totalP50: number
  /** To the first byte, more than direct. */
  readonly addedP50: number
  readonly addedP99: number
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

/** `ways`: base URLs by name, `direct` among them. */
export async function addedLatency(
  ways: Readonly<Record<string, string>>,
  { requests, sort }: { readonly requests: number; readonly sort: string },
): Promise<LatencyRow[]> {
  const agent = new Agent({ keepAlive: true })
  const payload = JSON.stringify({ model: 'm', ...sorts[sort] })
  const names = Object.keys(ways)
  const measured = new Map(names.map((way) => [way, { first: [] as number[], total: [] as number[] }]))
  const warmUp = Math.min(300, requests)
  for (let index = -warmUp; index < requests; index += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const way = names[(turn + Math.abs(index)) % names.length]!
      const { status, firstMillis, totalMillis } = await ask(
        `${ways[way]}/v1/chat/completions`,
        agent,
        payload,
      )
      if (status !== 200 || firstMillis === undefined) throw new Error(`${way}: status ${status}`)
      if (index < 0) continue
      measured.get(way)!.first.push(firstMillis)
      measured.get(way)!.total.push(totalMillis)
    }
  }
  agent.destroy()
  const at = (way: string, fraction: number): number => percentileOf(measured.get(way)!.first, fraction)
  return names.map((way) => ({
    way,
    sort,
    firstP50: at(way, 0.5),
    firstP99: at(way, 0.99),
    totalP50: percentileOf(measured.get(way)!.total, 0.5),
    addedP50: at(way, 0.5) - at('direct', 0.5),
    addedP99: at(way, 0.99) - at('direct', 0.99),
  }))
}
