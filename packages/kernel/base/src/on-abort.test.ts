import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { onAbort } from './on-abort.ts'

describe('onAbort', () => {
  it('calls everybody back who still waits, once, through one listener', () => {
    const controller = new AbortController()
    const called: number[] = []
    const callOffs = Array.from({ length: 64 }, (_, at) => onAbort(controller.signal, () => called.push(at)))
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    for (const callOff of callOffs.slice(2)) callOff()
    callOffs[2]!()
    controller.abort()
    controller.abort()
    expect(called).toEqual([0, 1])
  })

  it('lets a callback call others off', () => {
    const controller = new AbortController()
    const called: string[] = []
    onAbort(controller.signal, () => {
      called.push('first')
      callOff()
    })
    const callOff = onAbort(controller.signal, () => called.push('second'))
    controller.abort()
    expect(called).toEqual(['first'])
  })

  it('keeps signals apart', () => {
    const [one, other] = [new AbortController(), new AbortController()]
    const called: string[] = []
    const call = (): void => void called.push('called')
    onAbort(one.signal, call)
    onAbort(one.signal, call)
    onAbort(other.signal, () => called.push('other'))
    one.abort()
    expect(called).toEqual(['called', 'called'])
  })
})
