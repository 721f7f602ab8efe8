import { HadalError } from '@hadal/base'
import { expect, it } from 'vitest'
import { upstreamInterrupted, upstreamRefused, upstreamTimeout, upstreamUnavailable } from './errors.ts'
import { maySucceedElsewhere } from './may-succeed-elsewhere.ts'

it('another engine is asked after failures, not after faults of the request or half an answer', () => {
  const refused = (status: number) => HadalError.revive({ ...upstreamRefused('m', 'no').toJSON(), status })
  const errors = [upstreamUnavailable('m', 'down'), upstreamTimeout('m', 5), refused(429), refused(404)]
  expect(errors.map(maySucceedElsewhere)).toEqual([true, true, true, true])
  const final = [refused(400), upstreamInterrupted('m', 'cut'), new Error('left'), undefined]
  expect(final.map(maySucceedElsewhere)).toEqual([false, false, false, false])
})
