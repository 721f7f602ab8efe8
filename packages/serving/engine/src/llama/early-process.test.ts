import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { forkEarly, takeEarlyProcess } from './early-process.ts'

vi.mock('node:child_process', () => ({ fork: vi.fn() }))

const handle = () => ({ ref: vi.fn(), unref: vi.fn() })
const fakeChild = () => {
  const child = Object.assign(new EventEmitter(), { ...handle(), channel: handle(), stderr: handle() })
  vi.mocked(fork).mockReturnValue(child as never)
  return child
}
afterEach(() => {
  takeEarlyProcess()
  vi.unstubAllEnvs()
})

it('is taken once, and keeps its program from ending only from then on', () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '/certificates.pem')
  const child = fakeChild()
  forkEarly()
  const { env } = vi.mocked(fork).mock.lastCall![1] as unknown as { env: NodeJS.ProcessEnv }
  expect([env.GGML_NO_BACKTRACE, env.NODE_EXTRA_CA_CERTS]).toEqual(['1', undefined])
  for (const each of [child, child.channel, child.stderr]) {
    expect(each.unref).toHaveBeenCalledOnce()
    expect(each.ref).not.toHaveBeenCalled()
  }
  expect(takeEarlyProcess()?.child).toBe(child)
  for (const each of [child, child.channel, child.stderr]) expect(each.ref).toHaveBeenCalledOnce()
  expect(takeEarlyProcess()).toBeUndefined()
  expect([child.listenerCount('exit'), child.listenerCount('error')]).toEqual([0, 0])
})

it.each(['exit', 'error'])('that is gone before it is wanted is forgotten: %s', (event) => {
  const child = fakeChild()
  forkEarly()
  child.emit(event, new Error('spawn EMFILE'))
  expect(takeEarlyProcess()).toBeUndefined()
})

it('a failed early fork is ignored: the engine’s own attempt reports the error', () => {
  vi.mocked(fork).mockImplementation(() => {
    throw new Error('spawn ENOMEM')
  })
  forkEarly()
  expect(takeEarlyProcess()).toBeUndefined()
})
