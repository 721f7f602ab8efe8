/** Diagnostic commands for this machine, a service, a cluster, a running server, and logs. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'
import { addDoctorExplain } from './doctor-explain-command.ts'

export function addDoctor(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const doctor = program
    .command('doctor')
    .description('What is wrong with this machine, its GPUs, the service, the cluster or a running server.')
    .usage('[options] [groups...] | explain FILE...')
    .argument('[groups...]', 'environment, gpu, service, cluster, server (default: the first three)')
    .helpCommand(false)
    .enablePositionalOptions()
    .option('--all', 'also what is well, with its figures')
    .option('--json', 'print JSON')
    .option('--url <url>', 'a running server, too (with the group server by default: http://127.0.0.1:8080)')
    .option('--key-file <file>', 'one of adminKeys, where its metrics are private')
    .option('--ca-file <file>', 'the certificate that signed the server’s')
    .option('--kubeconfig <file>', 'a cluster, too: which there are (default: KUBECONFIG, ~/.kube/config)')
    .option('--context <name>', 'a cluster, too: which of them (default: the current one)')
    .option('--capture <file>', 'keep what was read, without secrets, for somebody else to look at')
    .option('--fixture <file>', 'judge such a capture in place of this machine; - for standard input')
    .option(
      '--config <file>',
      'the config file of the service (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    .addHelpText('after', exitCodesText)
    .action(async (groups, flags) =>
      onExit(await (await import('../commands/doctor.ts')).doctor(groups, flags, terminal)),
    )
  addDoctorExplain(doctor, terminal, onExit)
}

const exitCodesText = `
Exit codes:
  0  all is well, but for notes
  3  there are warnings
  4  there are errors
  6  something could not be found out, and nothing worse was found
  1  something failed
  2  the command line is wrong`
