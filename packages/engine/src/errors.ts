/** Every error of the engine that a user can meet, apart from those of finding and downloading models (`models/`). */

import { defineError, type ErrorMaker } from '@hadal/base'

export const queueFull: ErrorMaker<[maxQueue: number]> = defineError({
  code: 'queue_full',
  status: 429,
  when: 'Every sequence slot is busy and the waiting line has reached `maxQueue`.',
  message: (maxQueue) => `${maxQueue} requests are waiting already`,
  help: 'Retry after the given number of seconds, or serve with a larger maxQueue or maxBatchSize.',
})

export const contextLengthExceeded: ErrorMaker<
  [promptTokens: number, contextLength: number, atLeast?: boolean]
> = defineError({
  code: 'context_length_exceeded',
  status: 400,
  when: 'A prompt leaves no room for even one new token in the context of one sequence.',
  message: (promptTokens, contextLength, atLeast = false) =>
    `the prompt has ${atLeast ? 'at least ' : ''}${promptTokens} tokens; the context holds ${contextLength}, one of them new`,
  help: 'Shorten the prompt, or serve with a larger contextLength if the model allows it.',
})

export const emptyPrompt: ErrorMaker<[]> = defineError({
  code: 'empty_prompt',
  status: 400,
  when: 'A prompt is empty and the model has no token of its own to begin with.',
  message: () => 'the prompt has no tokens',
  help: 'Send at least one character or token.',
})

export const invalidToken: ErrorMaker<[token: unknown, vocabularySize: number]> = defineError({
  code: 'invalid_token',
  status: 400,
  when: 'A token id in a prompt, in `logit_bias` or to be turned into text is none of the model.',
  message: (token, vocabularySize) =>
    `${JSON.stringify(token)} is no token of this model; ids are 0 to ${vocabularySize - 1}`,
  help: 'Use ids that this model’s own tokenizer returned.',
})

export const engineCrashed: ErrorMaker<[how: string]> = defineError({
  code: 'engine_crashed',
  status: 503,
  when: 'The native engine process died while the request ran in it. The process is being restarted.',
  message: (how) => `the engine process died (${how}) while it ran this request`,
  help: 'Retry after the given number of seconds. If the same request does it again, report it with the server’s log.',
})

export const engineClosed: ErrorMaker<[state: string]> = defineError({
  code: 'engine_closed',
  status: 503,
  when: 'A request arrives while the engine is draining or after it was closed.',
  message: (state) => `the engine is ${state} and takes no new requests`,
  help: 'Send the request to another replica.',
})
