import { expect, it } from 'vitest'
import { reachesOthers, refuseKeyless, refuseKeylessAdmin } from './listen.ts'

it('knows which hosts only this machine can reach', () => {
  for (const host of ['127.0.0.1', '127.0.1.1', 'localhost', '::1', '::ffff:127.0.0.1'])
    expect(reachesOthers(host)).toBe(false)
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.7',
    'localhost.example',
    '127.0.0.1.example',
    '::ffff:10.0.0.1',
  ])
    expect(reachesOthers(host)).toBe(true)
})

it('refuses to let in everybody from everywhere, unless that is meant', () => {
  const keyless = { asksForKeys: false, allowKeyless: false }
  expect(() => refuseKeyless('0.0.0.0', keyless)).toThrow(
    expect.objectContaining({ code: 'keyless_listen', help: expect.stringContaining('--allow-keyless') }),
  )
  refuseKeyless('127.0.0.1', keyless)
  refuseKeyless('0.0.0.0', { ...keyless, asksForKeys: true })
  refuseKeyless('0.0.0.0', { ...keyless, allowKeyless: true })
  expect(() => refuseKeylessAdmin('::', [])).toThrow(expect.objectContaining({ code: 'keyless_listen' }))
  refuseKeylessAdmin('::', ['a'])
  refuseKeylessAdmin('::1', [])
})
