/** Monitoring commands: rendering for Prometheus and related tools, validation, and a local stack. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

export function addMonitor(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const monitor = program
    .command('monitor')
    .description('Monitor a service: generate rules, alerts and dashboards, and run a local stack.')
    .usage('<up|status|render|test>')
    .helpCommand(false)

  const up = monitor
    .command('up')
    .description('Run Prometheus and Alertmanager for a local server until Ctrl-C.')
    .option('--url <url>', 'server URL', 'http://127.0.0.1:8080')
    .option('--key-file <file>', 'file with one of adminKeys, if the metrics are private')
    .option('--ca-file <file>', 'CA certificate of the server')
    .option('--gpu-url <url>', 'DCGM exporter URL (default: GPUs are not monitored)')
    .option('--also <urls...>', 'additional metrics URLs, such as training runs or other servers')
    .option('--listen <address>', 'loopback address to listen on', '127.0.0.1')
    .option('--port <number>', 'Prometheus port (default: 9090, or a free port)')
    .option('--alertmanager-port <number>', 'Alertmanager port (default: 9093, or a free port)')
    .option('--state <folder>', stateDoc)
    .option('--retention <time>', 'data retention, up to 2 GB', '15d')
    .option('--once', 'check once and exit')
  addConfigFlag(up)
    .addHelpText('after', exitText('0  stopped on request; with --once: healthy'))
    .action(async (flags) =>
      onExit(await (await import('../commands/monitor-up.ts')).monitorUp(flags, terminal)),
    )

  const status = monitor
    .command('status')
    .description('Show the targets and alerts of the running stack.')
    .option('--state <folder>', stateDoc)
    .option('--json', 'print JSON')
  addConfigFlag(status)
    .addHelpText('after', exitText('0  healthy'))
    .action(async (flags) =>
      onExit(await (await import('../commands/monitor-status.ts')).monitorStatus(flags, terminal)),
    )

  const render = monitor
    .command('render')
    .description('Write rules with tests, runbooks, Alertmanager routes and Grafana dashboards.')
    .option('--out <folder>', 'output folder', 'monitor')
    .option('--force', 'overwrite rendered files that were changed since')
  addConfigFlag(render).action(async (flags) =>
    onExit(await (await import('../commands/monitor-render.ts')).monitorRender(flags, terminal)),
  )

  const test = monitor
    .command('test')
    .description(
      'Validate the generated files with promtool, amtool, the rule tests and the available metrics.',
    )
    .option('--url <url>', 'server whose metrics must include every name used')
    .option('--key-file <file>', 'file with one of adminKeys, if the metrics are private')
  addConfigFlag(test).action(async (flags) =>
    onExit(await (await import('../commands/monitor-test.ts')).monitorTest(flags, terminal)),
  )
}

const stateDoc = 'folder for files and data (default: ~/.local/state/hadal/monitor/NAME)'

const addConfigFlag = (command: Command): Command =>
  command.option(
    '--config <file>',
    'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)',
  )

const exitText = (success: string): string => `
Exit codes:
  ${success}
  3  a target is down or an alert is firing
  1  failure
  2  invalid command line or configuration`
