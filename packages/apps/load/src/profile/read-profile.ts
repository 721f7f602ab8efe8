/** A profile that lies in files: of a run, or a trace alone. Loads nothing of training. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { type Facts, readChromeTrace, type Trace } from '@hadal/profiling'
import { profileNotRecorded, profileUnreadable } from './errors.ts'

export interface ReadProfile {
  readonly title: string
  readonly trace: Trace
  readonly facts: Facts
  /** That the run wrote with it. */
  readonly page: string | undefined
  readonly tracePath: string
}

/**
 * From a run's folder, its `profile` folder, or a trace file; for a multi-rank run, that of `rank`. Throws `profile_not_recorded` and
 * `profile_unreadable`.
 */
export function readProfile(path: string, rank = 0): ReadProfile {
  let isFolder: boolean
  try {
    isFolder = statSync(path).isDirectory()
  } catch (thrown) {
    throw profileUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
  if (!isFolder)
    return { ...titled(basename(path)), trace: readTrace(path), page: undefined, tracePath: path }
  const of = rank === 0 ? '' : `.rank${rank}`
  const folder = existsSync(join(path, 'profile')) ? join(path, 'profile') : path
  const tracePath = join(folder, `trace${of}.json.gz`)
  if (!existsSync(tracePath)) throw profileNotRecorded(rank === 0 ? path : `${path}, rank ${rank},`)
  const facts = readFacts(join(folder, `profile${of}.json`))
  const page = join(folder, `profile${of}.html`)
  return {
    title: facts.title ?? basename(path),
    facts,
    trace: readTrace(tracePath),
    page: existsSync(page) ? page : undefined,
    tracePath,
  }
}

const titled = (title: string): { readonly title: string; readonly facts: Facts } => ({
  title,
  facts: { title },
})

function readTrace(path: string): Trace {
  try {
    return readChromeTrace(readFileSync(path))
  } catch (thrown) {
    if (isHadalError(thrown) && thrown.code === 'profile_trace_too_large') throw thrown
    throw profileUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
}

/** Metadata of a run; a trace without it is accepted. */
function readFacts(path: string): Facts {
  if (!existsSync(path)) return {}
  try {
    const { facts } = JSON.parse(readFileSync(path, 'utf8')) as { facts?: unknown }
    if (typeof facts !== 'object' || facts === null) throw new Error('it has no facts')
    return facts as Facts
  } catch (thrown) {
    throw profileUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
}
