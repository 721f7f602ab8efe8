import { serviceSettings } from '@hadal/config'
import { Command } from 'commander'
import { expect, it } from 'vitest'
import { addSettingFlags, flagValues } from './setting-flags.ts'

function given(...args: string[]): Record<string, unknown> {
  const command = new Command()
  addSettingFlags(command, serviceSettings)
  const values = flagValues(command.parse(args, { from: 'user' }), serviceSettings)
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

it('flags go by the keys of their settings', () => {
  expect(given('--port', '0', '--lora', 'a.gguf')).toEqual({ port: '0', adapters: 'a.gguf' })
})

it('of a list that is given in parts, no part is lost; of anything else the last counts', () => {
  expect(given('--lora', 'a.gguf', '--lora', 'b.gguf=0,c.gguf', '--port', '1', '--port', '2')).toEqual({
    adapters: 'a.gguf,b.gguf=0,c.gguf',
    port: '2',
  })
})
