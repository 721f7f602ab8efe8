import { resolveSettings, serviceSettings } from '@hadal/config'
import { expect, it } from 'vitest'
import { serverSettings } from './server-settings.ts'

const settings = (flags: Readonly<Record<string, unknown>> = {}) =>
  serverSettings(resolveSettings(serviceSettings, { flags }).values)

it('hands on what was chosen, and leaves the rest to the server', () => {
  expect(settings()).toMatchObject({
    corsOrigins: [],
    modelNames: { aliases: [], tags: [], any: true },
    defaults: { sampling: {}, chat: {}, verbose: false },
    slots: true,
    adapterChanges: false,
    strictParameters: false,
  })
  const { defaults, modelNames } = settings({
    temperature: '0',
    seed: '42',
    maxTokens: '8',
    thinking: 'false',
    verboseAnswers: 'true',
    reasoningEffort: 'low',
    thinkingBudget: '64',
    modelAliases: 'a,b',
  })
  expect(defaults).toEqual({
    sampling: { temperature: 0, seed: 42 },
    maxTokens: 8,
    verbose: true,
    chat: { thinking: false, effort: 'low', thinkingBudget: 64 },
  })
  expect(modelNames).toMatchObject({ aliases: ['a', 'b'] })
})

it('allows cross-origin calls only from the configured origins', () => {
  expect(settings({ apiKeys: 'k' })).toMatchObject({ corsOrigins: [] })
  expect(settings({ apiKeys: 'k', corsOrigins: 'https://chat.example' })).toMatchObject({
    corsOrigins: ['https://chat.example'],
  })
})
