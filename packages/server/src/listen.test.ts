import { expect, it } from 'vitest'
import { reachesOthers } from './listen.ts'

it('knows which hosts only this machine can reach', () => {
  for (const host of ['127.0.0.1', '127.0.1.1', 'localhost', '::1']) expect(reachesOthers(host)).toBe(false)
  for (const host of ['0.0.0.0', '::', '10.0.0.7', 'localhost.example'])
    expect(reachesOthers(host)).toBe(true)
})
