/** The commands of a service: serve it, look at its settings. */

import { serviceSettings } from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { addSettingFlags } from '@hadal/service/flags'
import type { Command } from 'commander'

export function addServe(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const serve = program
    .command('serve')
    .description('Serve a model over an OpenAI-compatible API.')
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    // Unknown flags are reported together with all other configuration issues.
    .allowUnknownOption()
    .allowExcessArguments()
  addSettingFlags(serve, serviceSettings)
  serve.addHelpText(
    'after',
    '\nEvery flag is also a key of the config file and a variable HADAL_*: docs/config.md has all of them.',
  )
  serve.action(async (_flags: unknown, command: Command) => {
    const { serve: run } = await import('../commands/serve.ts')
    onExit(await run(command, terminal))
  })
}

export function addConfig(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const config = program
    .command('config')
    .description('Show the settings of a service and where each comes from, and check config files.')
    .helpCommand(false)
    .usage('<show|check>')
  const show = config
    .command('show')
    .description('Every setting with its value and where that was said. Takes the flags of `hadal serve`.')
    .option('--config <file>', 'the config file, as of `hadal serve`')
    .option('--changed', 'only what is not as by default')
    .option('--json', 'print JSON')
    .allowUnknownOption()
    .allowExcessArguments()
  addSettingFlags(show, serviceSettings)
  show.action(async (_flags: unknown, command: Command) =>
    onExit(await (await import('../commands/config.ts')).showConfig(command, terminal)),
  )
  config
    .command('check')
    .description('Whether a config file is right; says every fault that it has.')
    .argument('[file]', 'the config file (default: the one that `hadal serve` would find)')
    .option('--json', 'print JSON')
    .action(async (file, flags) =>
      onExit(await (await import('../commands/config.ts')).checkConfig(file, flags, terminal)),
    )
}
