/** The commands of a service: serve it, look at its settings. */

import { serviceSettings } from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { addSettingFlags } from '@hadal/service/flags'
import type { Command } from 'commander'

export function addServe(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const serve = program
    .command('serve')
    .description('Serve a model over an OpenAI-compatible API.')
    .option('--config <file>', 'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)')
    // Unknown flags are reported together with all other configuration issues.
    .allowUnknownOption()
    .allowExcessArguments()
  addSettingFlags(serve, serviceSettings)
  serve.addHelpText('after', '\nEvery flag is also a config key and a HADAL_* variable: docs/config.md.')
  serve.action(async (_flags: unknown, command: Command) => {
    const { serve: run } = await import('../commands/serve.ts')
    onExit(await run(command, terminal))
  })
}

export function addConfig(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const config = program
    .command('config')
    .description('Show settings and their sources, and validate config files.')
    .helpCommand(false)
    .usage('<show|check>')
  const show = config
    .command('show')
    .description('Show every setting, its value and its source. Accepts the flags of `hadal serve`.')
    .option('--config <file>', 'config file, as for `hadal serve`')
    .option('--changed', 'only settings that differ from the default')
    .option('--json', 'print JSON')
    .allowUnknownOption()
    .allowExcessArguments()
  addSettingFlags(show, serviceSettings)
  show.action(async (_flags: unknown, command: Command) =>
    onExit(await (await import('../commands/config.ts')).showConfig(command, terminal)),
  )
  config
    .command('check')
    .description('Validate a config file and list all errors.')
    .argument('[file]', 'config file (default: the file that `hadal serve` finds)')
    .option('--json', 'print JSON')
    .action(async (file, flags) =>
      onExit(await (await import('../commands/config.ts')).checkConfig(file, flags, terminal)),
    )
}
