import { expect, it } from 'vitest'
import { startLine } from './start-line.ts'

it('lists the phases of a start in order', () => {
  const phases = { node: 66.7, libraries: 17.2, model: 54, warmUp: 0.4 }
  expect(startLine({ millis: 212.4, phases })).toBe(
    'ready in 212 ms: node 67, libraries 17, model 54, warm-up 0',
  )
})
