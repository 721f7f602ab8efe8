/** Autoscaling commands. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'
import { addScaleReplay } from './scale-replay-command.ts'

export function addScale(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const scale = program
    .command('scale')
    .description('Scale the engines in a cluster to the load until Ctrl-C, and explain each decision.')
    .usage('[status|replay] [options]')
    .helpCommand(false)
    // Flags behind a subcommand are its own.
    .enablePositionalOptions()
    .option('--plan <file>', 'scaling plan from `hadal deploy render`, instead of the config file')
    .option('--prometheus <url>', 'Prometheus URL (default: deploy.prometheusUrl, or the operator’s URL)')
    .option('--prometheus-token-file <file>', 'file with the bearer token for Prometheus')
    .option('--listen <address:port>', 'address of /health, /metrics and /decisions', '127.0.0.1:8090')
    .option('--dry-run', 'show what would be done without doing it')
    .option('--once', 'check once and exit')
    .option('--json', 'with --once: print decisions as JSON')
    .option('--log-format <format>', 'text or json', 'text')
    .option('--verbose', 'log every check, even without changes')
    .addHelpText('after', exitText('0  stopped on request; with --once: all decisions were made and applied'))
  addClusterFlags(scale, '5s').action(async (flags) =>
    onExit(await (await import('../commands/scale.ts')).scale(flags, terminal)),
  )

  const status = scale
    .command('status')
    .description('Show the active controller, engine counts, recent decisions and unusable metrics.')
    .option(
      '--url <url>',
      'URL of a scaler, or of a server running with --replicas auto (default: the scaler in the cluster)',
    )
    .option('--key-file <file>', 'file with one of adminKeys, if the server requires one')
    .option('--json', 'print JSON')
    .addHelpText('after', exitText('0  a controller is active and working'))
  addClusterFlags(status, '15s').action(async (flags) =>
    onExit(await (await import('../commands/scale-status.ts')).scaleStatus(flags, terminal)),
  )

  addScaleReplay(scale, terminal, onExit)
}

const addClusterFlags = (command: Command, timeout: string): Command =>
  command
    .option('--config <file>', 'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)')
    .option('--overlay <name>', 'render an overlay from deploy.overlays instead of the base')
    .option(
      '--kubeconfig <file>',
      'kubeconfig file (default: KUBECONFIG, ~/.kube/config, or the pod’s service account)',
    )
    .option('--context <name>', 'kubeconfig context (default: the current context)')
    .option('-n, --namespace <name>', '(default: deploy.namespace)')
    .option('--request-timeout <time>', 'timeout per HTTP request', timeout)

const exitText = (success: string): string => `
Exit codes:
  ${success}
  3  no active controller, or a decision failed
  1  failure
  2  invalid command line or configuration`
