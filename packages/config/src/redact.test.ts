import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redact } from './redact.ts'
import { resolveSettings } from './resolve.ts'
import { checkService, serviceSettings } from './service.ts'

it('hides what is called a secret, at any depth, and passwords in URLs', () => {
  expect(
    redact({
      upstreams: [
        {
          url: 'https://me:hush@host/v1?x=1',
          apiKey: 'hush',
          headers: { Authorization: 'Bearer hush', 'x-own': 'hush' },
        },
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
      {
        url: 'https://me:hidden@host/v1?x=1',
        apiKey: 'hidden',
        headers: { Authorization: 'hidden', 'x-own': 'hidden' },
      },
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

it('no fault of a config says a secret', () => {
  const url = 'https://me:hush@host/v1'
  const values = {
    models: [
      {
        id: 'a',
        upstream: { replicas: [url, 'ftp://me:hush@host'], apiKey: ['hush'], headers: { a: ['hush'] } },
      },
      { id: 'b', upstream: url },
    ],
    apiKeys: { hush: 'hush' },
    adapters: [{ path: 7, token: 'hush', url }],
    port: url,
  }
  try {
    resolveSettings(serviceSettings, { file: { path: 'f', values } }, { check: checkService })
    expect.unreachable()
  } catch (thrown) {
    const { message } = thrown as Error
    expect(message.split('\n').length).toBeGreaterThan(5)
    expect(message).not.toContain('hush')
  }
})
