/** Unique names for the threads of a Chrome trace. */

import { isOfProfiler } from './pytorch-names.ts'
import { placeOf, plain, type RawEvent, wordOf } from './raw-event.ts'

/** By `placeOf`, for every thread with events. With several processes, thread names are prefixed with theirs. */
export function laneNames(events: readonly unknown[]): Map<string, string> {
  const threads = new Map<string, RawEvent>()
  const named = new Map<string, string>()
  const processes = new Map<string, string>()
  for (const event of events) {
    if (typeof event !== 'object' || event === null) continue
    const { ph, name, pid, args } = event as RawEvent
    if (isOfProfiler(event as RawEvent)) continue
    if (ph !== 'M') {
      const place = placeOf(event as RawEvent)
      if (!threads.has(place)) threads.set(place, event as RawEvent)
      continue
    }
    const said = (args as { name?: unknown } | undefined)?.name
    if (typeof said !== 'string') continue
    if (name === 'thread_name') named.set(placeOf(event as RawEvent), plain(said))
    if (name === 'process_name') processes.set(wordOf(pid ?? 0), plain(said))
  }
  const several = new Set([...threads.values()].map(({ pid }) => wordOf(pid ?? 0))).size > 1
  const lanes = new Map<string, string>()
  const taken = new Set<string>()
  for (const [place, { pid, tid }] of threads) {
    const thread = named.get(place) ?? `thread ${wordOf(tid ?? 0)}`
    const process = processes.get(wordOf(pid ?? 0)) ?? wordOf(pid ?? 0)
    const lane = several ? `${process} ${thread}` : thread
    lanes.set(place, taken.has(lane) ? `${lane} (${place})` : lane)
    taken.add(lanes.get(place)!)
  }
  return lanes
}
