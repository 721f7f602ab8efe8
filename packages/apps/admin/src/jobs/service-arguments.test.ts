import { expect, it } from 'vitest'
import { serviceArguments } from './service-arguments.ts'

it('another command is given the same settings, but for the network, and secrets as variables', () => {
  const key = ['sk', 'secret'].join('-')
  const given = {
    model: 'nano',
    embeddings: true,
    reranking: false,
    sloTtftMillis: '300ms',
    port: '9000',
    apiKeys: key,
    database: undefined,
  }
  const { settingArgs, configArgs, env } = serviceArguments(given, 'prod.config.ts')
  expect(settingArgs).toEqual([
    ...['--config', 'prod.config.ts'],
    ...['--model', 'nano', '--embeddings', '--slo-ttft', '300ms'],
  ])
  expect(configArgs).toEqual(['--config', 'prod.config.ts'])
  expect(env).toEqual({ HADAL_API_KEYS: key })
})
