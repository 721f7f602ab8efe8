import { HadalError, isHadalError } from '@hadal/base'
import { contextLengthExceeded, engineCrashed, queueFull } from '@hadal/engine'
import { describe, expect, it } from 'vitest'
import { invalidRequest, modelElsewhere, modelLoadFailed } from '../errors.ts'
import { bodyFor, firstToAnswer } from './answer-call.ts'

const open = () => ({ said: false, signal: new AbortController().signal })
const refused = (status: number): HadalError =>
  HadalError.revive({ message: 'no', code: 'upstream_refused', status, help: '' })

async function requested(thrown: unknown, call = open()): Promise<readonly string[]> {
  const seen: string[] = []
  const answer = firstToAnswer(
    ['a', 'b'],
    call,
    async (model) => {
      seen.push(model)
      if (model === 'a') throw thrown
      return model
    },
    () => {},
  )
  await answer.catch((error: unknown) => expect(error).toBe(thrown))
  return seen
}

describe('a chain of models', () => {
  it('goes on where one was busy, late, broken, away or gone', async () => {
    for (const error of [
      queueFull(1),
      engineCrashed('SIGKILL'),
      modelLoadFailed('a', 'no'),
      refused(404),
      refused(429),
    ])
      expect(await requested(error), isHadalError(error) ? error.code : '').toEqual(['a', 'b'])
  })

  it('ends on a client error, on an error that no other model avoids, or after output began', async () => {
    const ours = [
      invalidRequest([]),
      contextLengthExceeded(9, 8),
      modelElsewhere('a'),
      refused(400),
      new Error('?'),
    ]
    for (const error of ours) expect(await requested(error)).toEqual(['a'])
    expect(await requested(queueFull(1), { ...open(), said: true })).toEqual(['a'])
    expect(await requested(queueFull(1), { ...open(), signal: AbortSignal.abort() })).toEqual(['a'])
  })

  it('names each model in a body of its own', () => {
    const body = { model: 'a', prompt: 'x' }
    expect(bodyFor(body, 'b')).toEqual({ model: 'b', prompt: 'x' })
    expect(bodyFor(body, undefined)).toBe(body)
    expect(bodyFor('text', 'b')).toBe('text')
    expect(body.model).toBe('a')
  })
})
