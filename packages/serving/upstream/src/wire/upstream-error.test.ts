import fc from 'fast-check'
import { expect, it } from 'vitest'
import { complaintOf } from './upstream-error.ts'

it.each([
  [
    'OpenAI and DeepSeek',
    { error: { message: 'no such field', type: 'x', param: 'n', code: null } },
    'no such field',
    'n',
  ],
  [
    'vLLM before',
    { object: 'error', message: 'too long', type: 'BadRequestError', param: null, code: 400 },
    'too long',
    undefined,
  ],
  [
    'vLLM and SGLang',
    { error: { message: 'too long', type: 'BadRequestError', param: null, code: 400 } },
    'too long',
    undefined,
  ],
  [
    'Ollama',
    { error: 'model "x" not found, try pulling it first' },
    'model "x" not found, try pulling it first',
    undefined,
  ],
  [
    'Anthropic',
    { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: required' } },
    'max_tokens: required',
    undefined,
  ],
  [
    'FastAPI',
    {
      detail: [
        { loc: ['body', 'messages', 0], msg: 'field required' },
        { loc: ['body', 'n'], msg: 'too large' },
      ],
    },
    'messages.0: field required; n: too large',
    undefined,
  ],
  ['FastAPI’s own', { detail: 'Not Found' }, 'Not Found', undefined],
])('what %s says', (_who, body, message, param) => {
  expect(complaintOf(400, JSON.stringify(body), [])).toEqual({ message, param, facts: undefined })
})

it('llama-server’s lengths are facts', () => {
  const error = {
    code: 400,
    message: 'the request exceeds the available context size',
    n_prompt_tokens: 900,
    n_ctx: 512,
  }
  expect(complaintOf(400, JSON.stringify({ error }), []).facts).toEqual({
    promptTokens: 900,
    contextLength: 512,
  })
})

it('a proxy’s page is its text, and nothing is its status', () => {
  const page = '<html><head><style>p {}</style></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>'
  expect(complaintOf(502, page, []).message).toBe('502 Bad Gateway nginx')
  expect(complaintOf(502, '', []).message).toBe('it answered with status 502')
  expect(complaintOf(500, '{}', []).message).toBe('it answered with status 500')
})

it('credentials are taken out', () => {
  const text = 'Incorrect API key provided: hunter2-long. You sent Bearer abcdefgh and sk-1234567890abcdef.'
  const { message } = complaintOf(401, JSON.stringify({ error: { message: text } }), ['hunter2-long'])
  expect(message).toBe('Incorrect API key provided: ***. You sent Bearer *** and sk-***')
})

it('never throws, and is never long', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.string().map((each) => `{"error":${each}`),
  )
  fc.assert(
    fc.property(text, (each) => {
      const { message } = complaintOf(500, each, [])
      expect(message.length).toBeGreaterThan(0)
      expect(message.length).toBeLessThanOrEqual(600)
    }),
  )
})
