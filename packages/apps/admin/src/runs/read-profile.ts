/** Reads a run's profile in a separate thread. */

import { once } from 'node:events'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, startThread } from '@hadal/base'
import type { RunProfile } from '@hadal/protocol'
import type { ProfileAnswer } from '@hadal/server'
import type { ReadProfile } from './profile-thread.ts'

export const traceFile = 'profile/trace.json.gz'

const maxMebibytes = 200
const maxHeapMebibytes = 2048

/** Reads one trace at a time and caches the last result, because traces do not change. */
export class ProfileReader {
  #last: { readonly key: string; readonly profile: RunProfile } | undefined
  #turn: Promise<unknown> = Promise.resolve()

  read(name: string, folder: string): Promise<ProfileAnswer> {
    const mine = this.#turn.then(() => this.#read(name, folder))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #read(name: string, folder: string): Promise<ProfileAnswer> {
    const found = await lstat(join(folder, traceFile)).catch(() => undefined)
    if (!found?.isFile()) return { name, isMissing: true }
    if (found.size > maxMebibytes * 1024 ** 2)
      return { name, unreadable: `it is larger than ${maxMebibytes} MiB` }
    const key = `${folder} ${found.mtimeMs} ${found.size}`
    if (this.#last?.key === key) return { profile: this.#last.profile }
    const answer = await inThread(join(folder, 'profile'))
    if ('failed' in answer) return { name, unreadable: answer.failed }
    this.#last = { key, profile: answer.profile }
    return answer
  }
}

async function inThread(folder: string): Promise<ReadProfile> {
  const thread = startThread(import.meta.url, './profile-thread', {
    workerData: folder,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMebibytes },
  })
  try {
    const [answer] = (await once(thread, 'message')) as [ReadProfile]
    return answer
  } catch (thrown) {
    return { failed: messageOf(thrown) }
  } finally {
    void thread.terminate()
  }
}
