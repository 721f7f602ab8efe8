/** Monitoring commands: rendering for Prometheus and related tools, validation, and a local stack. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

export function addMonitor(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const monitor = program
    .command('monitor')
    .description(
      'Watch a service: rules, alerts and dashboards from its config, and a local stack that has them.',
    )
    .usage('<up|status|render|test>')
    .helpCommand(false)

  const up = monitor
    .command('up')
    .description('Prometheus and Alertmanager on this machine, reading a local server, until Ctrl-C.')
    .option('--url <url>', 'the server', 'http://127.0.0.1:8080')
    .option('--key-file <file>', 'one of adminKeys, where its metrics are private')
    .option('--ca-file <file>', 'the certificate that signed the server’s')
    .option('--gpu-url <url>', 'a DCGM exporter (default: GPUs are not watched)')
    .option('--also <urls...>', 'other metrics: of a training run, or of a second server')
    .option('--listen <address>', 'a loopback address', '127.0.0.1')
    .option('--port <number>', 'of Prometheus (default: 9090, or a free one)')
    .option('--alertmanager-port <number>', 'of Alertmanager (default: 9093, or a free one)')
    .option('--state <folder>', stateDoc)
    .option('--retention <time>', 'how long data is kept, up to 2 GB', '15d')
    .option('--once', 'look once and stop')
  addConfigFlag(up)
    .addHelpText('after', exitText('0  was asked to stop and did; with --once: all is well'))
    .action(async (flags) =>
      onExit(await (await import('../commands/monitor-up.ts')).monitorUp(flags, terminal)),
    )

  const status = monitor
    .command('status')
    .description('What the stack that runs sees now: targets and alerts.')
    .option('--state <folder>', stateDoc)
    .option('--json', 'print JSON')
  addConfigFlag(status)
    .addHelpText('after', exitText('0  all is well'))
    .action(async (flags) =>
      onExit(await (await import('../commands/monitor-status.ts')).monitorStatus(flags, terminal)),
    )

  const render = monitor
    .command('render')
    .description('Write rules with their tests, runbooks, Alertmanager’s routes and Grafana dashboards.')
    .option('--out <folder>', 'where to', 'monitor')
    .option('--force', 'also over rendered files that were changed since')
  addConfigFlag(render).action(async (flags) =>
    onExit(await (await import('../commands/monitor-render.ts')).monitorRender(flags, terminal)),
  )

  const test = monitor
    .command('test')
    .description(
      'Whether all of that is right: by promtool and amtool, the rules’ tests, and the metrics there are.',
    )
    .option('--url <url>', 'a server whose metrics must have every name that is asked for')
    .option('--key-file <file>', 'one of adminKeys, where its metrics are private')
  addConfigFlag(test).action(async (flags) =>
    onExit(await (await import('../commands/monitor-test.ts')).monitorTest(flags, terminal)),
  )
}

const stateDoc = 'where files and data are (default: ~/.local/state/hadal/monitor/NAME)'

const addConfigFlag = (command: Command): Command =>
  command.option(
    '--config <file>',
    'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
  )

const exitText = (success: string): string => `
Exit codes:
  ${success}
  3  something is down, or an alert fires
  1  something failed
  2  the command line or the configuration is wrong`
