/** `hadal scale replay` with its flags. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'

export function addScaleReplay(scale: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const option = (flags: string, doc: string): Option => new Option(flags, doc)
  const command = scale
    .command('replay')
    .argument(
      '[range]',
      'a made-up day, a file that --save wrote, or how far to look back in Prometheus: 24h',
    )
    .description('What it would have done, when and why, over a range that was recorded or made up.')
    .option('--prometheus <url>', 'which one remembers the range (default: deploy.prometheusUrl)')
    .option('--prometheus-token-file <file>', 'a token that it wants')
    .option('--request-timeout <time>', 'how long one answer may take', '1m')
    .option('--from <time>', 'a time as 2026-11-29T14:00Z, in place of a length or with it')
    .option('--to <time>', 'until when (default: now)')
    .option('--step <duration>', 'from one decision to the next (default: scaling.checkIntervalMillis)')
    .option('--save <file>', 'keep what Prometheus said, to be replayed again')
    .option('--model <id>', 'which one, where several are served')
    .option('--against <scalers...>', 'others beside it: hpa, keda, fixed:4, hadal:none, hadal:history')
    .option('--min <engines>', 'in place of scaling.minReplicas')
    .option('--max <engines>', 'in place of scaling.maxReplicas')
    .option('--replicas <engines>', 'at the beginning (default: as recorded, or as the load needs)')
    .option('--changes <number>', 'how many changes are printed', '24')
    .option('--html <file>', 'a page with charts and every change')
    .option('--json', 'print JSON')
  for (const each of [
    option('--seed <number>', 'another day of the same kind (default: 1)'),
    option('--days <number>', 'how many'),
    option('--peak <engines>', 'work at the most (default: 0.55 of the most engines)'),
  ])
    command.addOption(each.helpGroup('For made-up days:'))
  for (const each of [
    option('--start <duration>', 'an engine takes so long to start (default: estimated or measured)'),
    option('--cold-start <file>', 'measured starts: what `hadal bench coldstart --json` wrote'),
    option('--places <requests>', 'it answers so many at once (default: maxBatchSize)'),
    option('--service-p99 <duration>', 'of answers that do not wait (default: as recorded, or half the SLO)'),
    option('--max-queue <requests>', 'that may wait for each engine (default: maxQueue)'),
  ])
    command.addOption(each.helpGroup('What an engine is taken to be:'))
  command
    .option('--overlay <name>', 'one of deploy.overlays')
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    .addHelpText('after', days)
    .action(async (range, flags) =>
      onExit(await (await import('../commands/scale-replay.ts')).scaleReplay(range, flags, terminal)),
    )
}

const days = `
Made-up days:
  diurnal          little at night, most at 14:00
  flash-crowd      at 14:02 five times as much within two minutes
  silent-exporter  the exporter of the GPUs is silent for an hour, and from 15:00
  flapping         five minutes of much and five of little, all day
  steady           the same all day
  lull             the same all day, and a third of it from 12:00 to 13:00
  office-hours     nothing from 19:00 to 7:30
  week             five diurnal days and a weekend
  counter-reset    gateways start anew four times
  clock-skew       Prometheus' clock is ten minutes off for hours

Examples:
  hadal scale replay flash-crowd --against keda fixed:4
  hadal scale replay 24h --prometheus http://127.0.0.1:9090 --save monday.json
  hadal scale replay monday.json --against hadal:history --html replay.html`
