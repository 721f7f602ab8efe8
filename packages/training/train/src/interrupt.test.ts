import { afterEach, expect, it, vi } from 'vitest'
import { withInterrupt } from './interrupt.ts'

afterEach(() => void vi.useRealTimers())

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s once asks to stop; afterwards the process handles it itself',
  async (name) => {
    const before = process.listenerCount(name)
    await withInterrupt(async (signal) => {
      expect(process.listenerCount(name)).toBe(before + 1)
      expect(signal.aborted).toBe(false)
      process.emit(name, name)
      expect(signal.aborted).toBe(true)
      expect(process.listenerCount(name)).toBe(before)
    })
    expect(process.listenerCount(name)).toBe(before)
  },
)

it('lets go when the body fails', async () => {
  const before = process.listenerCount('SIGINT')
  const failing = withInterrupt(() => Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  expect(process.listenerCount('SIGINT')).toBe(before)
})

it('a signal that comes two ways is one', async () => {
  vi.useFakeTimers()
  const before = process.listenerCount('SIGTERM')
  await withInterrupt(
    async (signal) => {
      process.emit('SIGTERM', 'SIGTERM')
      vi.advanceTimersByTime(900)
      process.emit('SIGTERM', 'SIGTERM')
      expect(signal.aborted).toBe(true)
      expect(process.listenerCount('SIGTERM')).toBe(before + 1)
      vi.advanceTimersByTime(100)
      expect(process.listenerCount('SIGTERM')).toBe(before)
    },
    { echoMillis: 1000 },
  )
})
