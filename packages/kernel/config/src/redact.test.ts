import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redact, redactText } from './redact.ts'
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

/** Built from pieces, so that no scanner takes this file for a leak. */
const token = ['xK3p', '9Lw2', 'Qm7T', 'v4Zs', '8Nb1', 'Rd6Y'].join('')

it.each([
  ['https://example.com/x.gguf?token=abc&x=1', 'https://example.com/x.gguf?token=hidden&x=1'],
  ['https://example.com/x?a=1&X-Amz-Signature=abc', 'https://example.com/x?a=1&X-Amz-Signature=hidden'],
  ['https://example.com/#access_token=1', 'https://example.com/#access_token=hidden'],
  [`https://hooks.slack.com/services/T0/B0/${token}`, 'https://hooks.slack.com/services/T0/B0/hidden'],
  [
    `see https://example.com/ and https://example.com/a/${token}/b`,
    'see https://example.com/ and https://example.com/a/hidden/b',
  ],
])('%s is shown as %s', (text, shown) => {
  expect(redactText(text)).toBe(shown)
  expect(Object.keys(redact({ [text]: 1 }) as object)).toEqual([shown])
})

it.each([
  'https://api.deepseek.com',
  'http://vllm-0.models.svc:8000/v1',
  'https://huggingface.co/Qwen/Qwen3-8B-GGUF/resolve/9217f5db79a29953eb74d5343926648285ec7e67/Qwen3-8B-Q4_K_M.gguf',
  `https://example.com/x.gguf#sha256=${'0a'.repeat(32)}`,
  'https://example.com/Meta-Llama-3.1-70B-Instruct-Q4_K_M.gguf?download=true',
  'hf:Qwen/Qwen3-8B-GGUF:Q4_K_M',
  'somebody@example.com',
  'https://grafana.example.com/d/abc/service-overview?orgId=1',
  'https://runbooks.example.com/HadalErrorBudgetBurn.md',
])('%s has nothing to hide', (text) => expect(redactText(text)).toBe(text))

it('a random key in a URL is hidden wherever it stands, and nothing else is', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/))
  fc.assert(
    fc.property(words, words, fc.string(), (before, after, text) => {
      expect(redactText(`https://${['example.com', ...before, token, ...after].join('/')}`)).not.toContain(
        token,
      )
      const plain = `https://${['example.com', ...before, ...after].join('/')}`
      expect(redactText(plain)).toBe(plain)
      expect(redactText(redactText(text))).toBe(redactText(text))
    }),
  )
})

it('no config error contains a secret', () => {
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
