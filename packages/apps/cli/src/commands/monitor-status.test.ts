import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processStart } from '@hadal/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { monitorStatus } from './monitor-status.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-status-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ask = () => monitorStatus({ state: '.' }, recordingTerminal({ folder, env: {} }))
const note = (running: object): void => writeFileSync(join(folder, 'running.json'), JSON.stringify(running))
const urls = { prometheusUrl: 'http://127.0.0.1:9', alertmanagerUrl: 'http://127.0.0.1:9', programs: [] }

it('says that nothing watches, also where what did was killed', async () => {
  await expect(ask()).rejects.toMatchObject({ code: 'monitor_not_running' })
  note({ ...urls, pid: process.pid, start: 'of another process of this number' })
  await expect(ask()).rejects.toMatchObject({ code: 'monitor_not_running' })
  writeFileSync(join(folder, 'running.json'), '{ half a fi')
  await expect(ask()).rejects.toMatchObject({ code: 'monitor_not_running' })
})

it('says that what watches does not answer', async () => {
  note({ ...urls, pid: process.pid, start: processStart(process.pid) })
  await expect(ask()).rejects.toMatchObject({
    code: 'monitor_not_answering',
    message: 'http://127.0.0.1:9 does not respond',
  })
})
