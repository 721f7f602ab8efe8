/** Benchmarks, and the tuning and simulation commands that use their results. */

import { serviceSettings } from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { addSettingFlags } from '@hadal/service/flags'
import { type Command, Option } from 'commander'

export function addBench(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const bench = program
    .command('bench')
    .description('Measure performance under load.')
    .usage('<serve|coldstart>')
    .helpCommand(false)
  bench
    .command('serve')
    .description('Benchmark any OpenAI-compatible server.')
    .option('--url <url>', 'server URL', 'http://127.0.0.1:8080')
    .option('--model <name>', 'model name (default: the first model listed by the server)')
    .option('--api-key <key>', 'sent as Authorization: Bearer')
    .addOption(
      new Option('--endpoint <name>', 'API endpoint to call')
        .choices(['chat', 'completions'])
        .default('chat'),
    )
    .option('--concurrency <list>', 'closed loop: numbers of concurrent clients to test', '1,2,4,8,16')
    .option('--rate <list>', 'open loop: Poisson arrival rates to test, in requests/s')
    .option('--requests <number>', 'requests per level (default: 4 per client, or 30 s of arrivals)')
    .option('--duration <time>', 'duration of each level; no request starts later')
    .option('--prompt-tokens <lengths>', 'prompt length: 64, uniform:32,128 or lognormal:64,0.6[,512]', '64')
    .option('--output-tokens <lengths>', 'output length, in the same format', '64')
    .option('--shared-prefix <tokens>', 'length of the prefix shared by all prompts', '0')
    .option('--warm-up <requests>', 'warm-up requests, excluded from the results', '4')
    .option('--seed <number>', 'random seed for prompts, lengths and arrivals', '1')
    .option('--timeout <time>', 'timeout per request', '5m')
    .option('--no-ignore-eos', 'allow early end of output; for servers without ignore_eos')
    .option('--json <file>', 'write all measurements')
    .option('--html <file>', 'write an HTML report with charts')
    .option('--profile [seconds]', 'record a profile on the Hadal server after the warm-up (default: 10)')
    .action(async (flags) =>
      onExit(await (await import('../commands/bench-serve.ts')).benchServe(flags, terminal)),
    )
  addColdstart(bench, terminal, onExit)
}

function addColdstart(bench: Command, terminal: Terminal, onExit: (code: number) => void): void {
  bench
    .command('coldstart')
    .description('Measure cold starts: where time goes until the first response.')
    .usage('[options] [-- flags of hadal serve]')
    .argument('[flags...]', 'flags passed to every start')
    .option('-m, --model <ref>', 'model reference, as for `hadal serve`', 'nano')
    .option('--rounds <number>', 'starts per variant: with all optimizations off, and on', '5')
    .option('--system-prompt-tokens <number>', 'length of the shared prefix', '512')
    .option('--json <file>', 'write all measurements')
    .option('--report <file>', 'write a Markdown report')
    .action(async (serveFlags, flags) =>
      onExit(
        await (await import('../commands/bench-coldstart.ts')).benchColdstart(serveFlags, flags, terminal),
      ),
    )
}

export function addTune(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const tune = program
    .command('tune')
    .description('Find the best batching settings for the SLO by measuring on this machine.')
    .option('--config <file>', 'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)')
    .allowUnknownOption()
    .allowExcessArguments()
  addTrafficFlags(tune, { requests: '1500' })
  tune
    .option(
      '--threads-tried <list>',
      'thread counts to measure in addition to the current one (default: half)',
    )
    .option(
      '--validate <number>',
      'number of candidates to validate under real load; 0 disables validation',
      '2',
    )
    .option('--validate-for <duration>', 'duration of each validation', '20s')
    .option('--write', 'write the result to the config file')
    .option('--costs <file>', 'write the measured step costs, for `hadal simulate`')
    .addOption(
      new Option('--progress <format>', 'print measurements as they arrive, as JSON Lines').choices(['json']),
    )
    .option('--json <file>', 'write the full result')
    .option('--html <file>', 'write an HTML report with the Pareto frontier')
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
      'tenants with their own traffic: flood, trickle, steady, daily, batch, or a .json file of tenants',
    )
    .option('--hours <number>', 'simulated hours of tenant traffic', '24')
    .option('--costs <file>', 'step costs written by `hadal tune --costs`')
    .option('--max-batch-size <sequences>', 'as in the service', '16')
    .option('--max-batch-tokens <tokens>', 'as in the service', '512')
    .option('--max-prefill <tokens>', 'see maxPrefillTokensWhileDecoding', '128')
    .option('--max-queue <requests>', 'as in the service', '256')
    .option('--timeout <duration>', 'see timeoutMicros', '0ms')
    .option('--cells <tokens>', 'KV cache capacity, in tokens (default: unlimited)')
    .option('--slo-ttft <duration>', 'as in the service')
    .option('--slo-itl <duration>', 'as in the service')
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
      'traffic: poisson, gamma, bursts, diurnal, or a JSON Lines file of requests',
      'poisson',
    )
    .option('--rate <number>', 'mean request rate, in requests/s', '2')
    .option('--requests <number>', 'number of requests', requests)
    .option(
      '--prompt-tokens <lengths>',
      'length: 64, uniform:32,128, lognormal:64,0.8[,512] or pareto:32,1.2[,4096]',
      'lognormal:96,0.8',
    )
    .option('--output-tokens <lengths>', 'output length, in the same format', 'lognormal:48,0.7')
    .option('--embed-share <share>', 'share of embedding requests, 0 to 1', embedShare)
    .option('--embed-tokens <lengths>', 'input length of embedding requests', 'lognormal:48,0.6')
    .option('--keys <number>', 'number of clients; each sends less than the previous one', '1')
    .option('--prefixes <number>', 'number of shared prompt prefixes', '4')
    .option('--prefix-tokens <number>', 'length of each shared prefix; 0 disables them', '0')
    .option('--traffic-seed <number>', 'random seed of the traffic', '1')
}
