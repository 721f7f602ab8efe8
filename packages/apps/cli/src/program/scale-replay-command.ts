/** `hadal scale replay` with its flags. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'

export function addScaleReplay(scale: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const option = (flags: string, doc: string): Option => new Option(flags, doc)
  const command = scale
    .command('replay')
    .argument(
      '[range]',
      'a synthetic day, a file written by --save, or how far to look back in Prometheus, such as 24h',
    )
    .description('Replay the scaler over a recorded or synthetic time range and explain its decisions.')
    .option('--prometheus <url>', 'Prometheus URL with the recorded range (default: deploy.prometheusUrl)')
    .option('--prometheus-token-file <file>', 'file with the bearer token for Prometheus')
    .option('--request-timeout <time>', 'timeout per HTTP request', '1m')
    .option('--from <time>', 'start time such as 2026-11-29T14:00Z, instead of or in addition to a length')
    .option('--to <time>', 'end time (default: now)')
    .option('--step <duration>', 'time between decisions (default: scaling.checkIntervalMillis)')
    .option('--save <file>', 'save the Prometheus data for another replay')
    .option('--model <id>', 'model, if several are served')
    .option(
      '--against <scalers...>',
      'scalers to compare with: hpa, keda, fixed:4, hadal:none, hadal:history',
    )
    .option('--min <engines>', 'minimum, overrides scaling.minReplicas')
    .option('--max <engines>', 'maximum, overrides scaling.maxReplicas')
    .option(
      '--replicas <engines>',
      'initial number of engines (default: as recorded, or as required by the load)',
    )
    .option('--changes <number>', 'number of changes to print', '24')
    .option('--html <file>', 'write an HTML report with charts and every change')
    .option('--json', 'print JSON')
  for (const each of [
    option('--seed <number>', 'random seed of the day (default: 1)'),
    option('--days <number>', 'number of days'),
    option('--peak <engines>', 'peak load, in engines (default: 0.55 of the maximum number of engines)'),
  ])
    command.addOption(each.helpGroup('Synthetic days:'))
  for (const each of [
    option('--start <duration>', 'startup time of an engine (default: measured, otherwise estimated)'),
    option('--cold-start <file>', 'measured startup times from `hadal bench coldstart --json`'),
    option('--places <requests>', 'concurrent requests per engine (default: maxBatchSize)'),
    option(
      '--service-p99 <duration>',
      'P99 duration without queueing (default: as recorded, or half the SLO)',
    ),
    option('--max-queue <requests>', 'maximum queued requests per engine (default: maxQueue)'),
  ])
    command.addOption(each.helpGroup('Engine assumptions:'))
  command
    .option('--overlay <name>', 'an overlay from deploy.overlays')
    .option('--config <file>', 'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)')
    .addHelpText('after', days)
    .action(async (range, flags) =>
      onExit(await (await import('../commands/scale-replay.ts')).scaleReplay(range, flags, terminal)),
    )
}

const days = `
Synthetic days available:
  diurnal          low at night, peak at 14:00
  flash-crowd      five times the load within two minutes at 14:02
  silent-exporter  the GPU exporter is down for an hour, and again from 15:00
  flapping         alternates between high and low every five minutes, all day
  steady           constant load
  lull             constant, dropping to a third from 12:00 to 13:00
  office-hours     no load from 19:00 to 7:30
  week             five diurnal days and a weekend
  counter-reset    gateways restart four times
  clock-skew       Prometheus' clock is ten minutes off for hours

Examples:
  hadal scale replay flash-crowd --against keda fixed:4
  hadal scale replay 24h --prometheus http://127.0.0.1:9090 --save monday.json
  hadal scale replay monday.json --against hadal:history --html replay.html`
