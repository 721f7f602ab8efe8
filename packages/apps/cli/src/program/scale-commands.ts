/** Autoscaling commands. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'
import { addScaleReplay } from './scale-replay-command.ts'

export function addScale(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const scale = program
    .command('scale')
    .description('As many engines in a cluster as are needed, until Ctrl-C: a controller that says why.')
    .usage('[status|replay] [options]')
    .helpCommand(false)
    // Flags behind a subcommand are its own.
    .enablePositionalOptions()
    .option('--plan <file>', 'what `hadal deploy render` wrote for it, in place of the config file')
    .option('--prometheus <url>', 'whom to ask (default: deploy.prometheusUrl, or the operator’s)')
    .option('--prometheus-token-file <file>', 'a token that it wants')
    .option('--listen <address:port>', 'where /health, /metrics and /decisions are', '127.0.0.1:8090')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--once', 'look once and stop')
    .option('--json', 'with --once: print the decisions as JSON')
    .option('--log-format <format>', 'text or json', 'text')
    .option('--verbose', 'each look, also where nothing is new')
    .addHelpText(
      'after',
      exitText('0  was asked to stop and did; with --once: all of it was decided and done'),
    )
  addClusterFlags(scale, '5s').action(async (flags) =>
    onExit(await (await import('../commands/scale.ts')).scale(flags, terminal)),
  )

  const status = scale
    .command('status')
    .description('Who decides, how many engines there are, the last decisions, and what cannot be believed.')
    .option('--url <url>', 'a scaler, or a server that runs with --replicas auto (default: the cluster’s)')
    .option('--key-file <file>', 'one of adminKeys, where that server wants one')
    .option('--json', 'print JSON')
    .addHelpText('after', exitText('0  somebody decides, and nothing keeps it from it'))
  addClusterFlags(status, '15s').action(async (flags) =>
    onExit(await (await import('../commands/scale-status.ts')).scaleStatus(flags, terminal)),
  )

  addScaleReplay(scale, terminal, onExit)
}

const addClusterFlags = (command: Command, timeout: string): Command =>
  command
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    .option('--overlay <name>', 'one of deploy.overlays, in place of what holds everywhere')
    .option(
      '--kubeconfig <file>',
      'which clusters there are (default: KUBECONFIG, ~/.kube/config, or the pod’s own)',
    )
    .option('--context <name>', 'which of them (default: the current one)')
    .option('-n, --namespace <name>', '(default: deploy.namespace)')
    .option('--request-timeout <time>', 'how long one answer may take', timeout)

const exitText = (success: string): string => `
Exit codes:
  ${success}
  3  nobody decides, or something could not be decided or done
  1  something failed
  2  the command line or the configuration is wrong`
