import { ManualClock } from '@hadal/base'
import { expect, it } from 'vitest'
import { within } from './within.ts'

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

it('ends with its work, with the longer signal, or when the time is over', async () => {
  const clock = new ManualClock()
  const long = new AbortController()
  expect(await within(1000, long.signal, async () => 'done', clock)).toBe('done')

  const late = within(1000, long.signal, untilAborted, clock)
  clock.advance(1000)
  await expect(late).rejects.toMatchObject({ name: 'TimeoutError', message: 'no response within 1 s' })

  const stopped = within(1000, long.signal, untilAborted, clock)
  long.abort('SIGTERM')
  await expect(stopped).rejects.toBe('SIGTERM')
  await expect(within(1000, long.signal, async () => 'never', clock)).rejects.toBe('SIGTERM')
})
