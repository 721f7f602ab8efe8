import { ManualClock } from '@hadal/base'
import { expect, it } from 'vitest'
import { liveBlock } from './live-block.ts'

function recorded() {
  const written: string[] = []
  const clock = new ManualClock()
  const live = liveBlock((text) => written.push(text), clock)
  return { written, clock, live }
}

it('a frame is one write that goes over the frame before', () => {
  const { written, clock, live } = recorded()
  live.draw(() => ['one', 'two'])
  clock.advance(100)
  live.draw(() => ['three'])
  clock.advance(100)
  live.draw(() => ['four', 'five'])
  expect(written).toEqual([
    'one\u001b[K\ntwo\u001b[K\n\u001b[J',
    '\r\u001b[2Athree\u001b[K\n\u001b[J',
    '\r\u001b[1Afour\u001b[K\nfive\u001b[K\n\u001b[J',
  ])
})

it('there are at most ten frames a second, and what is not shown is not rendered', () => {
  const { written, clock, live } = recorded()
  let rendered = 0
  for (let millis = 0; millis < 1000; millis += 10) {
    live.draw(() => {
      rendered += 1
      return [`frame ${rendered}`]
    })
    clock.advance(10)
  }
  expect(written).toHaveLength(10)
  expect(rendered).toBe(10)
})

it('permanent lines are written at once, above the block', () => {
  const { written, live } = recorded()
  live.draw(() => ['block'])
  live.print('kept\nalso', () => ['block'])
  expect(written[1]).toBe('\r\u001b[1Akept\u001b[K\nalso\u001b[K\nblock\u001b[K\n\u001b[J')
})

it('a settled block stays, and what follows goes below', () => {
  const { written, live } = recorded()
  live.draw(() => ['block'])
  live.settle(() => ['last'])
  live.print('done', () => [])
  expect(written.slice(1)).toEqual(['\r\u001b[1Alast\u001b[K\n\u001b[J', 'done\u001b[K\n\u001b[J'])
})
