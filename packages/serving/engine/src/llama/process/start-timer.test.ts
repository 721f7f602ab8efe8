import { ManualClock } from '@hadal/base'
import { expect, it } from 'vitest'
import { StartTimer } from './start-timer.ts'

it('gives each phase the time that passed, and none the time spent waiting', () => {
  const clock = new ManualClock(1000)
  const timer = new StartTimer(clock, 67)
  clock.advance(17)
  timer.passed('libraries')
  clock.advance(5000)
  timer.paused()
  clock.advance(50)
  timer.passed('model')
  clock.advance(4)
  timer.passed('model')
  expect(timer.phases).toEqual({ node: 67, libraries: 17, model: 54 })
  expect(Object.keys(timer.phases)).toEqual(['node', 'libraries', 'model'])
})
