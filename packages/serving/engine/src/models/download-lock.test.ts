import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Clock, systemClock } from '@hadal/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireLock } from './download-lock.ts'

/** Polls again immediately. */
const impatient: Clock = { ...systemClock, now: systemClock.now, sleep: () => setImmediate(undefined) }
const deadPid = spawnSync(process.execPath, ['-e', '0']).pid
const lockOf = (pid: number, token: string, host = hostname()): string => JSON.stringify({ pid, host, token })

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-lock-'))
  path = join(folder, 'model.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs concurrent contenders that each hold the lock for a while. Returns the maximum number of simultaneous holders. */
async function contend(contenders: number): Promise<number> {
  let [holding, most] = [0, 0]
  const take = async (): Promise<void> => {
    await using _ = await acquireLock(path, impatient, () => {})
    holding += 1
    most = Math.max(most, holding)
    for (let turn = 0; turn < 5; turn += 1) await setImmediate()
    holding -= 1
  }
  await Promise.all(Array.from({ length: contenders }, take))
  return most
}

describe('the lock of a download', () => {
  it.each([
    ['free', () => {}],
    ['left by a dead process', () => writeFileSync(path, lockOf(deadPid, 'dead'))],
    ['left half written, long ago', () => leave('{"pid":')],
    ['left by another machine, long ago', () => leave(lockOf(1, 'far', 'elsewhere'))],
    ['no lock of ours, long ago', () => leave('null')],
    [
      'left by one that died while it took over',
      () => {
        writeFileSync(path, lockOf(deadPid, 'first'))
        writeFileSync(`${path}.first`, lockOf(deadPid, 'second'))
        writeFileSync(`${path}.first.second`, lockOf(deadPid, 'third'))
      },
    ],
  ])('%s, is held by one at a time', async (_, prepare) => {
    for (let round = 0; round < 25; round += 1) {
      prepare()
      expect(await contend(8)).toBe(1)
      expect(readdirSync(folder)).toEqual([])
    }
  })

  it('is not taken from a living owner, nor from one on another machine that was heard of', async () => {
    for (const owner of [lockOf(process.pid, 'alive'), lockOf(deadPid, 'far', 'elsewhere'), '']) {
      writeFileSync(path, owner)
      const controller = new AbortController()
      const reported: number[] = []
      const looks: Clock = {
        ...impatient,
        sleep: async () => {
          if (reported.push(-1) > 20) controller.abort(new Error('enough'))
        },
      }
      await expect(acquireLock(path, looks, (pid) => reported.push(pid), controller.signal)).rejects.toThrow(
        'enough',
      )
      const owners = owner === '' ? [] : [JSON.parse(owner).pid]
      expect(reported.filter((each) => each !== -1)).toEqual(owners)
      expect(readdirSync(folder)).toEqual(['model.lock'])
    }
  })
})

function leave(content: string): void {
  writeFileSync(path, content)
  const longAgo = new Date(Date.now() - 3_600_000)
  utimesSync(path, longAgo, longAgo)
}
