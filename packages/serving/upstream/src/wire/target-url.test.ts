import { expect, it } from 'vitest'
import { rootOf, targetUrl } from './target-url.ts'

it.each([
  ['http://a:8000', '/v1/chat/completions', 'http://a:8000/v1/chat/completions'],
  ['http://a:8000/v1', '/v1/chat/completions', 'http://a:8000/v1/chat/completions'],
  ['http://a:8000', '/chat/completions', 'http://a:8000/v1/chat/completions'],
  ['http://a:8000/v1', '/chat/completions', 'http://a:8000/v1/chat/completions'],
  ['http://a:8000/v1', '/beta/completions', 'http://a:8000/v1/completions'],
  ['http://a:8000/v1', '/anthropic/v1/messages', 'http://a:8000/v1/messages'],
  ['http://a:8000/v1', '/v1/responses', 'http://a:8000/v1/responses'],
  ['http://a:8000/v1', '/completion', 'http://a:8000/completion'],
  ['http://a:8000/v1', '/rerank', 'http://a:8000/v1/rerank'],
  ['https://api.deepseek.com', '/v1/chat/completions', 'https://api.deepseek.com/chat/completions'],
  ['https://api.deepseek.com/v1', '/chat/completions', 'https://api.deepseek.com/chat/completions'],
  ['https://api.deepseek.com', '/beta/chat/completions', 'https://api.deepseek.com/beta/chat/completions'],
  ['https://api.deepseek.com', '/v1/completions', 'https://api.deepseek.com/beta/completions'],
  ['https://api.deepseek.com', '/v1/messages', 'https://api.deepseek.com/anthropic/v1/messages'],
  ['https://host/api/paas/v4', '/v1/chat/completions', 'https://host/api/paas/v4/chat/completions'],
  ['https://host/v1beta/openai', '/v1/chat/completions', 'https://host/v1beta/openai/chat/completions'],
  ['https://host/anthropic', '/v1/messages', 'https://host/anthropic/v1/messages'],
])('%s and %s', (base, path, url) => {
  expect(targetUrl(base, path)).toBe(url)
})

it('the health path is outside the version path', () => {
  expect(['http://a:8000/v1', 'http://a:8000', 'https://h/x/v1'].map(rootOf)).toEqual([
    'http://a:8000',
    'http://a:8000',
    'https://h/x',
  ])
})
