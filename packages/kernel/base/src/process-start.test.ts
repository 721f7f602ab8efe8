import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { processStart } from './process-start.ts'

it('is the same while a process lives, and nothing when it has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const start = processStart(child.pid!)
  expect(start).toBeDefined()
  expect(processStart(child.pid!)).toBe(start)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(processStart(child.pid!)).toBeUndefined()
})

it('is nothing of what is no number of a process', () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 30]) expect(processStart(pid)).toBeUndefined()
})
