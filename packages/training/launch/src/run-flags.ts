/** The flags of `hadal train`: run settings and commands. Does not load the training packages. */

import { runSettings } from '@hadal/config'
import { addSettingFlags } from '@hadal/service/flags'
import { type Command, Option } from 'commander'

/** Adds them to `command`; they apply to recipes whose default export is a run. */
export function addRunFlags(command: Command): Command {
  const own = (flags: string, doc: string): Option => new Option(flags, doc).helpGroup('Options:')
  command
    .addOption(own('--dry-run', 'say what the run will take, and train nothing'))
    .addOption(
      own(
        '--plan',
        'say what memory the run takes, what each way to need less would save, and what a private run spends',
      ),
    )
    .addOption(
      own('--memory <size>', 'with --plan: the memory there is, such as 16GiB; else what is found here'),
    )
    .addOption(own('--json', 'with --plan: as JSON'))
    .addOption(own('--nproc <number>', 'processes on this machine that carry it out together'))
    .addOption(
      own('--restarts <number>', 'how often all start again from the last checkpoint when one fails'),
    )
    .addOption(own('--profile', 'record steps: where their time and memory go (hadal profile RUN shows it)'))
    .addOption(own('--nsys', 'run under Nsight Systems, and tell what it saw of the device'))
    .addOption(own('--wandb <project>', 'log to a project of Weights & Biases, too'))
    .addOption(own('--metrics-port <port>', 'serve GET /metrics for Prometheus there, from rank 0'))
    .addOption(own('--metrics-host <address>', 'with --metrics-port: where to listen (default: 127.0.0.1)'))
  addSettingFlags(command, runSettings)
  return command
}

/** Flags besides the settings; for suggestions. */
export const ownRunFlags: readonly string[] = [
  '--dry-run',
  '--plan',
  '--memory',
  '--json',
  '--nproc',
  '--restarts',
  '--wandb',
  '--metrics-port',
  '--metrics-host',
  '--profile',
  '--nsys',
  '--help',
]
