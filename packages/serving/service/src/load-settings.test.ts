import { resolveSettings, serviceSettings } from '@hadal/config'
import { llamaDefaults } from '@hadal/engine'
import { describe, expect, it } from 'vitest'
import { describeChoices, saidSettings } from './load-settings.ts'

const settings = resolveSettings(serviceSettings, {
  flags: { threads: '3', port: '0', model: 'x.gguf' },
  env: { HADAL_API_KEYS: 'hush', HADAL_CORS_ORIGINS: 'a,b' },
})

describe('what a service says of its choices', () => {
  it('lists each choice once: with the engine’s reason, or the setting’s source', () => {
    const engine = ['threads: 3 (as configured)', 'flash attention: off (the CPU)', 'library: llama.cpp']
    expect(describeChoices(settings, engine)).toEqual([
      'threads: 3 (--threads)',
      'flash attention: off (the CPU)',
      'library: llama.cpp',
      'apiKeys: set (HADAL_API_KEYS)',
      'corsOrigins: a,b (HADAL_CORS_ORIGINS)',
    ])
  })
})

it('adapters are shown as a flag would take them', () => {
  const adapters = resolveSettings(serviceSettings, { flags: { adapters: 'a.gguf=0.5,b.gguf' } })
  expect(describeChoices(adapters, [])).toEqual(['adapters: a.gguf=0.5,b.gguf (--lora)'])
})

it('the engine receives only settings that were set explicitly', () => {
  expect(saidSettings(settings)).toEqual({
    model: 'x.gguf',
    port: 0,
    threads: 3,
    apiKeys: ['hush'],
    corsOrigins: ['a', 'b'],
  })
})

it('the defaults in help and docs are those of the engine', () => {
  for (const [key, { value }] of Object.entries(llamaDefaults))
    expect([key, serviceSettings[key as keyof typeof llamaDefaults].default]).toEqual([key, value])
})
