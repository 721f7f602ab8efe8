/** Queries on a real thread, and failures of those that cannot be answered. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readingApis } from './reading-apis.ts'
import { ReadingThread } from './reading-thread.ts'

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-reading-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const long = 60_000
const outOfMemory = 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.'

it('answers, carries errors with their code over, and gives up what takes too long', async () => {
  const folder = emptyFolder()
  await using thread = new ReadingThread({ folder, env: { HOME: folder }, maxMegabytes: 256 })
  const texts = [{ name: 'a.log', text: outOfMemory }]
  const { cause } = await thread.ask('explain', { texts }, long)
  expect(cause).toMatchObject({ id: 'cuda_oom_plain', evidence: [{ file: 'a.log', line: 1 }] })
  await expect(thread.ask('describe', { overlay: 'moon' }, long)).rejects.toMatchObject({
    code: 'deploy_overlay_unknown',
    status: 400,
  })
  await expect(thread.ask('explain', { texts }, 0)).rejects.toMatchObject({ code: 'look_too_long' })
  // A new thread takes over.
  expect(await thread.ask('runbook', { alert: 'Mine' }, long)).toBeUndefined()
})

it('refuses more than it may keep waiting, and fails what it is closed over', async () => {
  const folder = emptyFolder()
  const thread = new ReadingThread({ folder, env: {}, maxMegabytes: 256 })
  const waiting = Array.from({ length: 8 }, () => thread.ask('runbook', { alert: 'x' }, long))
  await expect(thread.ask('runbook', { alert: 'x' }, long)).rejects.toMatchObject({
    code: 'look_busy',
    retryAfterSeconds: 2,
  })
  const outcomes = Promise.allSettled(waiting)
  await thread[Symbol.asyncDispose]()
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'look_failed' } })
})

it('reports this server’s own scaling decisions', async () => {
  const folder = emptyFolder()
  const place = { terminal: { folder, env: { HOME: folder } }, configFiles: [], sloMillis: () => 800 }
  await using fixed = readingApis({ ...place, decisions: undefined })
  expect(await fixed.scaling.look({})).toEqual({ source: 'none', hasCluster: false, sloMillis: 800 })
  const status = { version: 1, leader: 'here', isLeader: true, models: [] } as const
  await using auto = readingApis({ ...place, decisions: () => status })
  expect(await auto.scaling.look({})).toMatchObject({ source: 'here', status })
})
