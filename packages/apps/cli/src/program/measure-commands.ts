/** Benchmarks, and the tuning and simulation commands that use their results. */

import { serviceSettings } from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { addSettingFlags } from '@hadal/service/flags'
import { type Command, Option } from 'commander'

export function addBench(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
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
    .option('--profile [seconds]', 'have a server of Hadal’s record itself after the warm-up (default: 10)')
    .action(async (flags) =>
      onExit(await (await import('../commands/bench-serve.ts')).benchServe(flags, terminal)),
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
        await (await import('../commands/bench-coldstart.ts')).benchColdstart(serveFlags, flags, terminal),
      ),
    )
}

export function addTune(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
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
      'thread counts that are measured beside those it has now (default: half)',
    )
    .option('--validate <number>', 'settings that are tried under real load; 0: none', '2')
    .option('--validate-for <duration>', 'each time', '20s')
    .option('--write', 'put what was found into the config file')
    .option('--costs <file>', 'write what steps cost, for `hadal simulate`')
    .addOption(
      new Option('--progress <format>', 'print what is measured as it comes, a JSON line each').choices([
        'json',
      ]),
    )
    .option('--json <file>', 'write everything that was found')
    .option('--html <file>', 'write a page with the frontier')
  addSettingFlags(tune, serviceSettings)
  tune.action(async (_flags: unknown, command: Command) =>
    onExit(await (await import('../commands/tune.ts')).tune(command, terminal)),
  )
}

export function addSimulate(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
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
    .option('--max-prefill <tokens>', 'as maxPrefillTokensWhileDecoding', '128')
    .option('--max-queue <requests>', 'as of the service', '256')
    .option('--timeout <duration>', 'as timeoutMicros', '0ms')
    .option('--cells <tokens>', 'whose keys and values there is room for (default: enough)')
    .option('--slo-ttft <duration>', 'as of the service')
    .option('--slo-itl <duration>', 'as of the service')
    .option('--json', 'print JSON')
    .action(async (flags, command: Command) => {
      const { simulateCommand } = await import('../commands/simulate.ts')
      onExit(await simulateCommand(flags, terminal, (flag) => command.getOptionValueSource(flag) === 'cli'))
    })
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
