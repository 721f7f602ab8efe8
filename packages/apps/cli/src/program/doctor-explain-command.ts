/** `hadal doctor explain` with its flags and help. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

export function addDoctorExplain(doctor: Command, terminal: Terminal, onExit: (code: number) => void): void {
  doctor
    .command('explain')
    .description(
      'One cause out of logs, error texts, dmesg, nvidia-smi and events: with the evidence and what to type.',
    )
    .argument('[files...]', 'files, also packed with gzip, folders of them, captures; - is standard input')
    .option('--fixture <file>', 'a capture of `hadal doctor --capture`')
    .option('--json', 'print JSON')
    .addHelpText('after', explainText)
    .action(async (files, flags) =>
      onExit(await (await import('../commands/doctor-explain.ts')).doctorExplain(files, flags, terminal)),
    )
}

const explainText = `
Examples:
  hadal doctor explain train.log
  sudo dmesg | hadal doctor explain -
  hadal doctor explain train.log dmesg.txt events.txt    on one timeline
  kubectl describe pod NAME | hadal doctor explain - server.log

Exit codes:
  0  nothing, or a note
  3  a warning
  4  an error
  5  something critical
  6  unknown: lines look like failures, and none is in the catalogue
  1  something could not be read
  2  the command line is wrong`
