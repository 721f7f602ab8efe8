/**
 * Persists wake times of models in the user's state folder, so that a restarted gateway can estimate them. Unreadable or unwritable files
 * are ignored.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Logger, messageOf } from '@hadal/base'
import type { WakeMemory, WakeRecord } from '@hadal/upstream'

/** Twenty wakes take a hundredth of it. */
const maxBytes = 256 * 1024

/** `~/.local/state/hadal/wakes/chat-1a2b3c4d.json`: of the model, as clients name it. */
export function wakeFilePath(id: string, env: Readonly<Record<string, string | undefined>>): string {
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state')
  const plain = id.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 40)
  // Names may collide after removing characters not allowed in file names.
  const mark = createHash('sha256').update(id).digest('hex').slice(0, 8)
  return join(state, 'hadal', 'wakes', `${plain}-${mark}.json`)
}

export function wakeFile(path: string, logger: Logger): WakeMemory {
  let wasReportedOf = false
  return {
    read() {
      try {
        const found = statSync(path)
        // A pipe in its place would be waited for.
        if (!found.isFile() || found.size > maxBytes) return []
        return recordsIn(readFileSync(path, 'utf8'))
      } catch {
        return []
      }
    },
    write(records) {
      try {
        mkdirSync(dirname(path), { recursive: true })
        // Whole or not at all, whenever this process ends.
        const beside = `${path}.${process.pid}`
        writeFileSync(beside, JSON.stringify({ version: 1, records }))
        renameSync(beside, path)
      } catch (thrown) {
        if (!wasReportedOf)
          logger.warn('what wakes took cannot be kept for the next start', { path, why: messageOf(thrown) })
        wasReportedOf = true
      }
    },
  }
}

/** Drops invalid records. */
function recordsIn(text: string): readonly WakeRecord[] {
  const { records } = JSON.parse(text) as { readonly records?: unknown }
  return Array.isArray(records) ? records.filter(isRecord) : []
}

function isRecord(value: unknown): value is WakeRecord {
  const { at, wholeMillis, startMillis } = (value ?? {}) as Record<string, unknown>
  const isTime = (each: unknown): boolean => typeof each === 'number' && Number.isFinite(each) && each >= 0
  return isTime(at) && isTime(wholeMillis) && (startMillis === undefined || isTime(startMillis))
}
