/** The thread that reads a recorded profile: traces are large and would block the server. Sends one message. */

import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { isHadalError, messageOf } from '@hadal/base'
import {
  advice,
  type Facts,
  figuresOf,
  pageData,
  readChromeTrace,
  spanClasses,
  summarizeTrace,
} from '@hadal/profiling'
import type { RunProfile } from '@hadal/protocol'

/** Each is drawn, and sent. */
const maxSpans = 40_000

export type ReadProfile = { readonly profile: RunProfile } | { readonly failed: string }

function read(folder: string): RunProfile {
  const trace = readChromeTrace(readFileSync(join(folder, 'trace.json.gz')))
  const facts = factsIn(join(folder, 'profile.json'))
  const summary = summarizeTrace(trace)
  const { names, lanes, columns, durationMicros, leftOut } = pageData(trace, maxSpans)
  const [name, lane, depth, kind, , start, length] = columns as number[][]
  const about = Object.entries(facts.about ?? {}).map(([what, value]) => ({ name: what, value }))
  const figures = figuresOf(summary, facts).map(([what, value, more]) => ({
    name: what,
    value: more === undefined ? value : `${value} (${more})`,
  }))
  return {
    title: facts.title ?? '',
    facts: [...figures, ...about],
    advice: advice(summary, facts).map(({ sentence, cause, change }) => ({ sentence, cause, change })),
    totalMicros: summary.totalMicros,
    phases: summary.phases.map(({ name: what, micros, share }) => ({ name: what, micros, share })),
    operators: summary.operators
      .slice(0, 60)
      .map(({ name: what, count, selfMicros, share }) => ({ name: what, count, selfMicros, share })),
    modules: summary.modules.slice(0, 60).map(({ name: what, forwardMicros, backwardMicros, share }) => ({
      name: what,
      forwardMicros,
      backwardMicros,
      share,
    })),
    trace: {
      durationMicros,
      names,
      classes: [...spanClasses],
      lanes,
      spans: [name!, lane!, depth!, kind!, start!, length!],
      leftOut,
    },
  }
}

/** Optional: a trace is useful without them. */
function factsIn(path: string): Facts {
  try {
    // Untrusted folder: reading a pipe would block.
    if (!lstatSync(path).isFile()) return {}
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly facts?: Facts }).facts ?? {}
  } catch {
    return {}
  }
}

function answer(): ReadProfile {
  try {
    return { profile: read(workerData as string) }
  } catch (thrown) {
    return { failed: isHadalError(thrown) ? thrown.message : messageOf(thrown) }
  }
}

parentPort!.postMessage(answer())
