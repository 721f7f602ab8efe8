import { expect, it } from 'vitest'
import { type Heartbeat, heartbeat } from './heartbeat.ts'

it('says after each step how far a rank is, and when its last step is done', () => {
  const beats: Heartbeat[] = []
  const listen = heartbeat((beat) => void beats.push(beat))
  listen({ type: 'warning', message: 'of no step' })
  listen({ type: 'evaluated', step: 4, loss: 1, seconds: 1 })
  listen({ type: 'interrupted', step: 5, seconds: 1 })
  expect(beats).toEqual([
    { step: 4, doing: 'training' },
    { step: 5, doing: 'ending' },
  ])
})
