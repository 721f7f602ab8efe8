import { expect, it, onTestFinished } from 'vitest'
import { waitFor } from './wait-for.ts'

it('a rejected promise without a waiting caller does not end the process', async () => {
  const unheard: unknown[] = []
  const listen = (reason: unknown): void => void unheard.push(reason)
  process.on('unhandledRejection', listen)
  onTestFinished(() => void process.off('unhandledRejection', listen))
  let reject = (_: Error): void => {}
  const promise = new Promise<void>((_, no) => {
    reject = no
  })
  await expect(waitFor(promise, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  reject(new Error('no'))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(unheard).toEqual([])
})
