/** Engine errors, reported with the client's field names. */

import {
  contextLengthExceeded,
  createFakeEngine,
  type Engine,
  invalidSampling,
  invalidToken,
} from '@hadal/engine'
import { describe, expect, it } from 'vitest'
import { chat, complete, serve, user } from './serving.ts'

/** An engine that throws the result of `thrown`, at the first token and on tokenization. */
const failing = (thrown: () => Error): Engine => ({
  ...createFakeEngine({ model: { vocabularySize: 100 } }),
  // biome-ignore lint/correctness/useYield: it fails before its first token
  async *generate() {
    throw thrown()
  },
  detokenize: async () => {
    throw thrown()
  },
})
const issueOf = async (
  ask: typeof chat | typeof complete,
  thrown: () => Error,
  body: object,
): Promise<{ param: string; message: string }> => {
  const { server } = serve({}, { engines: [failing(thrown)] })
  const answer = await ask(server, { ...(ask === chat ? user('hi') : { prompt: 'hi' }), ...body })
  expect(answer.status).toBe(400)
  return JSON.parse(answer.body).error
}

describe('an error that the engine reports', () => {
  it('about a prompt names messages or prompt', async () => {
    const tooLong = () => contextLengthExceeded(9, 8)
    expect(await issueOf(chat, tooLong, {})).toMatchObject({ param: 'messages' })
    expect(await issueOf(complete, tooLong, {})).toMatchObject({ param: 'prompt' })
    const { body } = await complete(serve().server, { prompt: '' })
    expect(JSON.parse(body).error).toMatchObject({ code: 'empty_prompt', param: 'prompt' })
  })

  it('about a token names the field that holds it', async () => {
    const foreign = () => invalidToken(100, 100)
    expect(await issueOf(complete, foreign, { prompt: [1, 100] })).toMatchObject({ param: 'prompt' })
    expect(await issueOf(complete, foreign, { prompt: [1, 100], echo: true })).toMatchObject({
      param: 'prompt',
    })
    const logit_bias = { 100: 1 }
    expect(await issueOf(complete, foreign, { prompt: [1, 2], logit_bias })).toMatchObject({
      param: 'logit_bias',
    })
    expect(await issueOf(chat, foreign, { logit_bias })).toMatchObject({ param: 'logit_bias' })
  })

  it.each([
    [chat, 'repeatPenalty', { repetition_penalty: 2 }, 'repetition_penalty'],
    [chat, 'repeatPenalty', { repeat_penalty: 2 }, 'repeat_penalty'],
    [chat, 'maxTokens', { max_tokens: 2 }, 'max_tokens'],
    [chat, 'maxTokens', { max_completion_tokens: 2 }, 'max_completion_tokens'],
    [chat, 'topLogprobs', { logprobs: true, top_logprobs: 2 }, 'top_logprobs'],
    [complete, 'topLogprobs', { logprobs: 2 }, 'logprobs'],
    [complete, 'topP', { top_p: 1 }, 'top_p'],
  ] as const)('in sampling has the name the client used: %o, %s, %o', async (ask, name, body, param) => {
    const issue = await issueOf(ask, () => invalidSampling(name, 2, 'a number from 0 to 1'), body)
    expect(issue).toMatchObject({
      code: 'invalid_sampling',
      param,
      message: `${param} is 2; it must be a number from 0 to 1. Set ${param} to a number from 0 to 1, or leave it out.`,
    })
  })

  it('in a bias names logit_bias and the token', async () => {
    const thrown = () => invalidSampling('logitBias of token 5', 2000, 'a number from -1000 to 1000')
    const issue = await issueOf(chat, thrown, { logit_bias: { 5: 1 } })
    expect(issue.param).toBe('logit_bias')
    expect(issue.message).toMatch(/^logit_bias of token 5 is 2000; .* Set logit_bias of token 5 to/)
  })
})
