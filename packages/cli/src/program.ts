/** The commands with their flags and help. What a command does is loaded only when it runs, so that `--help` is quick. */

import { serviceSettings } from '@hadal/config'
import { Command, Option } from 'commander'
import { keyLimitFlags } from './key-limit-flags.ts'
import { addSettingFlags } from './setting-flags.ts'
import type { Terminal } from './terminal.ts'
import { addRunFlags } from './training/run-flags.ts'
import { version } from './version.ts'

/** `onExit` gets the exit code of the command that ran. */
export function createProgram(terminal: Terminal, onExit: (code: number) => void): Command {
  const program = new Command('hadal')
    .description('Serve, train and measure open language models.')
    .usage('<command> [options]')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', epilogue)
    .enablePositionalOptions()
    .exitOverride()
  // Commands made from here on inherit this.
  program.configureOutput({
    writeOut: (text) => terminal.print(text.trimEnd()),
    writeErr: (text) => terminal.print(text.trimEnd()),
    outputError: () => {},
    getOutHasColors: () => true,
    getOutHelpWidth: () => Math.min(terminal.columns, 110),
  })
  program.configureHelp({
    styleTitle: terminal.style.bold,
    styleCommandText: terminal.style.cyan,
    styleSubcommandText: terminal.style.cyan,
    styleOptionText: terminal.style.cyan,
    styleArgumentText: terminal.style.cyan,
    subcommandTerm: (command) => `${command.name()} ${command.usage()}`.replace(' [options]', '').trimEnd(),
  })

  addServe(program, terminal, onExit)
  addConfig(program, terminal, onExit)
  addModels(program, terminal, onExit)
  addBench(program, terminal, onExit)
  addTune(program, terminal, onExit)
  addSimulate(program, terminal, onExit)
  addKeys(program, terminal, onExit)
  addUsage(program, terminal, onExit)
  addTrain(program, terminal, onExit)
  addExport(program, terminal, onExit)
  addData(program, terminal, onExit)
  return program
}

const epilogue = `
Examples:
  hadal serve                                     the bundled model, on http://127.0.0.1:8080
  hadal serve --model model.gguf --port 9000
  hadal serve --model hf:Qwen/Qwen3-0.6B-GGUF:Q8_0
  hadal bench serve --concurrency 1,8,16 --html report.html
  hadal simulate --traffic bursts --rate 2 --embed-share 0.5
  hadal simulate --tenants flood,trickle --hours 24

Exit codes:
  0  success, or a server that was asked to stop and did
  1  something failed
  2  the command line or the configuration is wrong
  130, 143  stopped by SIGINT or SIGTERM before it was done`

function addServe(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const serve = program
    .command('serve')
    .description('Serve a model over an OpenAI-compatible API.')
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    // Unknown flags are reported together with all other faults of the configuration.
    .allowUnknownOption()
    .allowExcessArguments()
  addSettingFlags(serve, serviceSettings)
  serve.addHelpText(
    'after',
    '\nEvery flag is also a key of the config file and a variable HADAL_*: docs/config.md has all of them.',
  )
  serve.action(async (_flags: unknown, command: Command) => {
    const { serve: run } = await import('./commands/serve.ts')
    onExit(await run(command, terminal))
  })
}

function addConfig(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
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
    onExit(await (await import('./commands/config.ts')).showConfig(command, terminal)),
  )
  config
    .command('check')
    .description('Whether a config file is right; says every fault that it has.')
    .argument('[file]', 'the config file (default: the one that `hadal serve` would find)')
    .option('--json', 'print JSON')
    .action(async (file, flags) =>
      onExit(await (await import('./commands/config.ts')).checkConfig(file, flags, terminal)),
    )
}

function addModels(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const models = program
    .command('models')
    .description('List, download and inspect models.')
    .helpCommand(false)
    .usage('<list|pull|inspect>')
  const cacheDir = '--cache-dir <folder>'
  models
    .command('list')
    .description('The models on this machine.')
    .option(cacheDir, 'where downloaded models are')
    .option('--json', 'print JSON')
    .action(async (flags) => onExit(await (await import('./commands/models.ts')).listModels(flags, terminal)))
  models
    .command('pull')
    .description('Download a model, or a newer version of one.')
    .argument(
      '<ref>',
      'hf:owner/repo:quant, hf:owner/repo/file.gguf, hf:owner/repo:safetensors, or an https URL',
    )
    .option(cacheDir, 'where to put it')
    .option('--offline', 'only say where it is; never use the network')
    .option('--verify', 'read what is there once more, and download again what is damaged')
    .action(async (ref, flags) =>
      onExit(await (await import('./commands/models.ts')).pullModel(ref, flags, terminal)),
    )
  models
    .command('inspect')
    .description('What a model says of itself.')
    .argument('<ref>', 'a bundled model, a path to a model or checkpoint, or one that was pulled')
    .option(cacheDir, 'where downloaded models are')
    .option('--json', 'print JSON')
    .action(async (ref, flags) =>
      onExit(await (await import('./commands/models.ts')).inspectModel(ref, flags, terminal)),
    )
}

function addBench(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const bench = program
    .command('bench')
    .description('Measure a server under load.')
    .usage('<serve|coldstart>')
    .helpCommand(false)
  bench
    .command('serve')
    .description('Put load on any server that speaks OpenAI’s API, and show how it bears it.')
    .option('--url <url>', 'the server', 'http://127.0.0.1:8080')
    .option('--model <name>', 'its model (default: the first one it lists)')
    .option('--api-key <key>', 'sent as Authorization: Bearer')
    .addOption(
      new Option('--endpoint <name>', 'what is asked').choices(['chat', 'completions']).default('chat'),
    )
    .option('--concurrency <list>', 'closed loop: so many clients at a time, level after level', '1,2,4,8,16')
    .option('--rate <list>', 'open loop instead: so many Poisson arrivals a second, level after level')
    .option('--requests <number>', 'of each level (default: 4 for each client; 30 s worth of arrivals)')
    .option('--duration <time>', 'of each level: no request starts later')
    .option('--prompt-tokens <lengths>', '64, uniform:32,128 or lognormal:64,0.6[,512]', '64')
    .option('--output-tokens <lengths>', 'the same, of answers', '64')
    .option('--shared-prefix <tokens>', 'so much of every prompt’s beginning is the same', '0')
    .option('--warm-up <requests>', 'sent first and not counted', '4')
    .option('--seed <number>', 'repeats prompts, lengths and arrivals', '1')
    .option('--timeout <time>', 'of one request', '5m')
    .option('--no-ignore-eos', 'let answers end early; for servers that do not know ignore_eos')
    .option('--json <file>', 'write everything measured')
    .option('--html <file>', 'write a page with charts')
    .action(async (flags) =>
      onExit(await (await import('./commands/bench-serve.ts')).benchServe(flags, terminal)),
    )
  addColdstart(bench, terminal, onExit)
}

function addColdstart(bench: Command, terminal: Terminal, onExit: (code: number) => void): void {
  bench
    .command('coldstart')
    .description('Start a service again and again, and show what its first request waits for.')
    .usage('[options] [-- flags of hadal serve]')
    .argument('[flags...]', 'given to every start')
    .option('-m, --model <ref>', 'as `hadal serve` takes it', 'nano')
    .option('--rounds <number>', 'starts with everything off, and as many with everything on', '5')
    .option('--system-prompt-tokens <number>', 'how long the beginning is that requests share', '512')
    .option('--json <file>', 'write everything measured')
    .option('--report <file>', 'write a page in Markdown')
    .action(async (serveFlags, flags) =>
      onExit(
        await (await import('./commands/bench-coldstart.ts')).benchColdstart(serveFlags, flags, terminal),
      ),
    )
}

function addTune(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const tune = program
    .command('tune')
    .description('Find the batching settings of a service: measured here, for what it promises.')
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    .allowUnknownOption()
    .allowExcessArguments()
  addTrafficFlags(tune, { requests: '1500' })
  tune
    .option(
      '--threads-tried <list>',
      'thread counts that are measured (default: all the engine takes, and half)',
    )
    .option('--validate <number>', 'settings that are tried under real load; 0: none', '2')
    .option('--validate-for <duration>', 'each time', '20s')
    .option('--write', 'put what was found into the config file')
    .option('--costs <file>', 'write what steps cost, for `hadal simulate`')
    .option('--json <file>', 'write everything that was found')
    .option('--html <file>', 'write a page with the frontier')
  addSettingFlags(tune, serviceSettings)
  tune.action(async (_flags: unknown, command: Command) =>
    onExit(await (await import('./commands/tune.ts')).tune(command, terminal)),
  )
}

/** Traffic that is drawn or recorded. */
function addTrafficFlags(
  command: Command,
  { requests, embedShare }: { readonly requests: string; readonly embedShare?: string },
): void {
  command
    .option(
      '--traffic <kind>',
      'poisson, gamma, bursts, diurnal, or a file of requests as JSON lines',
      'poisson',
    )
    .option('--rate <number>', 'mean requests a second', '2')
    .option('--requests <number>', 'how many', requests)
    .option(
      '--prompt-tokens <lengths>',
      '64, uniform:32,128, lognormal:64,0.8[,512] or pareto:32,1.2[,4096]',
      'lognormal:96,0.8',
    )
    .option('--output-tokens <lengths>', 'the same, of answers', 'lognormal:48,0.7')
    .option('--embed-share <share>', 'of the requests, from 0 to 1: texts to embed', embedShare)
    .option('--embed-tokens <lengths>', 'of texts to embed', 'lognormal:48,0.6')
    .option('--keys <number>', 'clients that share the service; each sends less than the one before', '1')
    .option('--prefixes <number>', 'beginnings that prompts have in common', '4')
    .option('--prefix-tokens <number>', 'of each of them; 0: none', '0')
    .option('--traffic-seed <number>', 'repeats the traffic', '1')
}

function addSimulate(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const simulate = program
    .command('simulate')
    .description('Compare scheduling policies under simulated traffic, without a model.')
  addTrafficFlags(simulate, { requests: '10000', embedShare: '0' })
  simulate
    .option(
      '--tenants <who>',
      'clients that share the service, each with traffic of its own: flood, trickle, steady, daily, batch, or a file of them that ends in .json',
    )
    .option('--hours <number>', 'how long tenants send', '24')
    .option('--costs <file>', 'what steps cost, as `hadal tune --costs` wrote it')
    .option('--max-batch-size <sequences>', 'as of the service', '16')
    .option('--max-batch-tokens <tokens>', 'as of the service', '512')
    .option('--max-prefill <tokens>', 'as maxPrefillTokensBesideDecodes', '128')
    .option('--max-queue <requests>', 'as of the service', '256')
    .option('--timeout <duration>', 'as timeoutMicros', '0ms')
    .option('--cells <tokens>', 'whose keys and values there is room for (default: enough)')
    .option('--slo-ttft <duration>', 'as of the service')
    .option('--slo-itl <duration>', 'as of the service')
    .option('--json', 'print JSON')
    .action(async (flags, command: Command) => {
      const { simulateCommand } = await import('./commands/simulate.ts')
      onExit(await simulateCommand(flags, terminal, (flag) => command.getOptionValueSource(flag) === 'cli'))
    })
}

function addTrain(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const train = program
    .command('train')
    .description('Carry out a training recipe.')
    .usage('<recipe> [options]')
    .argument('<recipe>', 'a TypeScript or JavaScript file, or a folder with a train.ts or run.ts')
    .argument('[arguments...]', 'of a recipe that trains by itself, and of any behind --')
    .enablePositionalOptions()
    .passThroughOptions()
    .allowUnknownOption()
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nThe options are for recipes that export a run by default: docs/training.md. Others take what they like.',
    )
  addRunFlags(train).action(async (recipe, rest, _flags, command: Command) =>
    onExit(
      await (await import('./commands/train.ts')).train(recipe, [...flagsBefore(command), ...rest], terminal),
    ),
  )
  train
    .command('verify-resume')
    .description(
      'Train a few steps undisturbed, and again with interruptions, and compare the two to the bit.',
    )
    .usage('<recipe> [options]')
    .argument('<recipe>', 'one that exports a run by default')
    .argument('[options...]', 'as of `hadal train`')
    .option('--steps <number>', 'how many', '12')
    .allowUnknownOption()
    .action(async (recipe, _rest, { steps }, command: Command) => {
      const { verifyResume } = await import('./commands/verify-resume.ts')
      onExit(await verifyResume(recipe, steps, recipeArguments(program, command), terminal))
    })
}

/** What stood behind the recipe, with the `--` that commander takes away. */
function recipeArguments(program: Command, { args }: Command): string[] {
  const { rawArgs } = program as Command & { readonly rawArgs: readonly string[] }
  const end = rawArgs.indexOf('--')
  const own = end < 0 ? [] : rawArgs.slice(end + 1)
  const flags = args.slice(1, args.length - own.length).filter((argument) => argument !== '--')
  return own.length === 0 ? flags : [...flags, '--', ...own]
}

/** What stood before the recipe, as it was written. */
function flagsBefore(command: Command): string[] {
  return command.options.flatMap((option) => {
    const value: unknown = command.getOptionValue(option.attributeName())
    if (value === undefined || value === false) return []
    return value === true ? [option.long!] : [option.long!, String(value)]
  })
}

function addExport(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('export')
    .description(
      'Write a trained model as a file that others run, and prove that it is still the same model.',
    )
    .argument('<folder>', 'a model as Hugging Face keeps it, or a run folder that holds one')
    .addOption(
      new Option('--format <format>', 'what is written').choices(['gguf', 'safetensors']).default('gguf'),
    )
    .option(
      '--type <type>',
      'gguf: F32, F16, BF16, Q8_0, Q4_K or Q4_0 (default: Q8_0); safetensors: F32, F16 or BF16 (default: F32)',
    )
    .requiredOption('--out <path>', 'a file for gguf, a folder for safetensors')
    .option('--adapter <folder>', 'an adapter in the layout of PEFT, taken into the weights')
    .option('--name <name>', 'in the file (default: as the folder is called)')
    .option('--json', 'print JSON')
    .action(async (folder, flags) =>
      onExit(await (await import('./commands/export.ts')).exportModel(folder, flags, terminal)),
    )
}

function addData(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('data')
    .description('Look at training data.')
    .helpCommand(false)
    .usage('<preview>')
    .command('preview')
    .description(
      'Tokens as a model will see them, which of them are learnt, how long rows are, and which are bad.',
    )
    .argument('<files...>', 'JSON lines, Parquet, or plain text')
    .requiredOption('--tokenizer <path>', 'a tokenizer.json, or the folder of a model')
    .option(
      '--template <template>',
      "a chat template: Jinja, a file or a name (default: the tokenizer's own)",
    )
    .addOption(
      new Option('--turns <which>', 'answers that are learnt').choices(['all', 'last']).default('all'),
    )
    .option('--rows <number>', 'how many are shown', '3')
    .option('--sample <number>', 'how many, from the beginning, the lengths are of', '1000')
    .option('--length <tokens>', 'of a window', '2048')
    .option('--text-field <name>', 'where a row keeps its text (default: text)')
    .option('--messages-field <name>', 'where a row keeps its conversation (default: messages)')
    .option('--skip-bad', 'leave bad rows out, and say which')
    .option('--json', 'print JSON')
    .action(async (files, flags) =>
      onExit((await import('./commands/data.ts')).previewData(files, flags, terminal)),
    )
}

function addKeys(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const keys = program
    .command('keys')
    .description('Make, limit and revoke the keys of a service.')
    .usage('<create|list|limit|revoke>')
    .helpCommand(false)
  const load = async () => await import('./commands/keys.ts')
  const create = keys
    .command('create')
    .description('Make a key, and show it once.')
    .argument('<name>', 'whose it is')
  const limit = keys
    .command('limit')
    .description('Change what a key may do; what is not named stays, and `none` takes a limit away.')
    .argument('<key>', 'its name or id')
  for (const [flag, doc] of keyLimitFlags) {
    create.option(flag, doc)
    limit.option(flag, doc)
  }
  const list = keys.command('list').description('The keys, what they may do and what they used this month.')
  list.option('--all', 'also those that were revoked or have expired')
  const revoke = keys
    .command('revoke')
    .description('Let a key in no more.')
    .argument('<key>', 'its name or id')
  for (const command of [create, list, limit, revoke]) addDatabaseFlags(command)
  create.action(async (name, flags) => onExit(await (await load()).createKey(name, flags, terminal)))
  list.action(async (flags) => onExit(await (await load()).listKeys(flags, terminal)))
  limit.action(async (key, flags) => onExit(await (await load()).limitKey(key, flags, terminal)))
  revoke.action(async (key, flags) => onExit(await (await load()).revokeKey(key, flags, terminal)))
}

function addUsage(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const usage = program
    .command('usage')
    .description('What the keys of a service used in a month.')
    .addOption(new Option('--by <what>', 'a line for each').choices(['key', 'model', 'day']).default('key'))
    .option('--month <month>', 'such as 2026-11 (default: this one, in UTC)')
    .option('--key <key>', 'of one alone: its name or id')
  addDatabaseFlags(usage)
  usage.action(async (flags) =>
    onExit(await (await import('./commands/usage.ts')).showUsage(flags, terminal)),
  )
}

/** Of commands that need no other setting. */
function addDatabaseFlags(command: Command): void {
  command
    .option(
      '--database <where>',
      'a SQLite file or postgres://user@host/name (default: as the service has it)',
    )
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    .option('--json', 'print JSON')
}
