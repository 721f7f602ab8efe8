/** Diagnostic commands for this machine, a service, a cluster, a running server, and logs. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'
import { addDoctorExplain } from './doctor-explain-command.ts'

export function addDoctor(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const doctor = program
    .command('doctor')
    .description('Diagnose this machine, its GPUs, the service, the cluster or a running server.')
    .usage('[options] [groups...] | explain FILE...')
    .argument(
      '[groups...]',
      'check groups: environment, gpu, service, cluster, server (default: the first three)',
    )
    .helpCommand(false)
    .enablePositionalOptions()
    .option('--all', 'also show passed checks and their measurements')
    .option('--json', 'print JSON')
    .option(
      '--url <url>',
      'also check a running server (default for the group server: http://127.0.0.1:8080)',
    )
    .option('--key-file <file>', 'file with one of adminKeys, if the metrics are private')
    .option('--ca-file <file>', 'CA certificate of the server')
    .option(
      '--kubeconfig <file>',
      'also check a cluster: kubeconfig file (default: KUBECONFIG, ~/.kube/config)',
    )
    .option('--context <name>', 'also check a cluster: context (default: the current context)')
    .option('--capture <file>', 'save the collected data without secrets, to share with others')
    .option('--fixture <file>', 'check a saved capture instead of this machine; - for standard input')
    .option(
      '--config <file>',
      'service config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)',
    )
    .addHelpText('after', exitCodesText)
    .action(async (groups, flags) =>
      onExit(await (await import('../commands/doctor.ts')).doctor(groups, flags, terminal)),
    )
  addDoctorExplain(doctor, terminal, onExit)
}

const exitCodesText = `
Exit codes:
  0  healthy, or notes only
  3  warnings
  4  errors
  6  some checks were inconclusive, and nothing worse was found
  1  failure
  2  invalid command line`
