import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redact } from './redact.ts'

it('hides what is called a secret, at any depth, and passwords in URLs', () => {
  expect(
    redact({
      upstreams: [
        { url: 'https://me:hush@host/v1?x=1', apiKey: 'hush', headers: { Authorization: 'Bearer hush' } },
      ],
      database: 'postgres://hadal:hu:sh@db:5432/usage',
      only: 'redis://hush@db',
      keyWeights: [1, 2],
      maxTokens: 5,
      tokensPerMinute: 7,
      plain: 'a@b and https://host/@x',
    }),
  ).toEqual({
    upstreams: [
      { url: 'https://me:hidden@host/v1?x=1', apiKey: 'hidden', headers: { Authorization: 'hidden' } },
    ],
    database: 'postgres://hadal:hidden@db:5432/usage',
    only: 'redis://hidden@db',
    keyWeights: [1, 2],
    maxTokens: 5,
    tokensPerMinute: 7,
    plain: 'a@b and https://host/@x',
  })
})

it('no password in a URL gets through, whatever stands around it', () => {
  const words = fc.stringMatching(/^[ -~]{0,10}$/)
  fc.assert(
    fc.property(words, words, (before, after) => {
      expect(redact(`${before} https://u:s3cr3t@host ${after}`)).not.toContain('s3cr3t')
    }),
  )
})
