/** Commands with flags and help. Implementations are loaded when run, so that `--help` is fast. */

import type { Terminal } from '@hadal/output'
import { version } from '@hadal/service/version'
import { Command } from 'commander'
import { addKeys, addUsage } from './program/account-commands.ts'
import { addDeploy } from './program/deploy-commands.ts'
import { addDoctor } from './program/doctor-commands.ts'
import { addGuard } from './program/guard-commands.ts'
import { addClassify, addRetrieve } from './program/image-text-commands.ts'
import { addBench, addSimulate, addTune } from './program/measure-commands.ts'
import { addExport, addModels } from './program/model-commands.ts'
import { addMonitor } from './program/monitor-commands.ts'
import { addOp } from './program/op-commands.ts'
import { addProfile } from './program/profile-commands.ts'
import { addProve } from './program/prove-commands.ts'
import { addScale } from './program/scale-commands.ts'
import { addConfig, addServe } from './program/service-commands.ts'
import { addData, addTrain } from './program/training-commands.ts'

/** `onExit` gets the exit code of the command that ran. */
export function createProgram(terminal: Terminal, onExit: (code: number) => void): Command {
  const program = new Command('hadal')
    .description('Serve, guard, train, deploy and measure open language models.')
    .usage('<command> [options]')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    // `main` takes it from anywhere in the line: this is its help.
    .option('--language <en|zh>', 'language of printed text (default: HADAL_LANGUAGE, otherwise the locale)')
    .helpCommand(false)
    .addHelpText('after', epilogue)
    .enablePositionalOptions()
    .exitOverride()
  // Commands made from here on inherit this.
  program.configureOutput({
    writeOut: (text) => terminal.print(text.trimEnd()),
    writeErr: (text) => terminal.print(text.trimEnd()),
    outputError: () => {},
    getOutHasColors: () => true,
    getOutHelpWidth: () => Math.min(terminal.columns, 110),
  })
  program.configureHelp({
    // The longest flag leaves so little on a terminal of 80 columns.
    minWidthToWrap: 30,
    styleTitle: terminal.style.bold,
    styleCommandText: terminal.style.cyan,
    styleSubcommandText: terminal.style.cyan,
    styleOptionText: terminal.style.cyan,
    styleArgumentText: terminal.style.cyan,
    subcommandTerm: (command) => `${command.name()} ${command.usage()}`.replace(' [options]', '').trimEnd(),
  })

  addServe(program, terminal, onExit)
  addConfig(program, terminal, onExit)
  addModels(program, terminal, onExit)
  addBench(program, terminal, onExit)
  addTune(program, terminal, onExit)
  addSimulate(program, terminal, onExit)
  addKeys(program, terminal, onExit)
  addUsage(program, terminal, onExit)
  addGuard(program, terminal, onExit)
  addDeploy(program, terminal, onExit)
  addMonitor(program, terminal, onExit)
  addDoctor(program, terminal, onExit)
  addScale(program, terminal, onExit)
  addTrain(program, terminal, onExit)
  addProfile(program, terminal, onExit)
  addExport(program, terminal, onExit)
  addData(program, terminal, onExit)
  addRetrieve(program, terminal, onExit)
  addClassify(program, terminal, onExit)
  addOp(program, terminal, onExit)
  addProve(program, terminal, onExit)
  return program
}

const epilogue = `
Examples:
  hadal serve                                     serves the bundled model on http://127.0.0.1:8080
  hadal serve --model model.gguf --port 9000
  hadal serve --model hf:Qwen/Qwen3-0.6B-GGUF:Q8_0
  hadal bench serve --concurrency 1,8,16 --html report.html
  hadal simulate --traffic bursts --rate 2 --embed-share 0.5
  hadal simulate --tenants flood,trickle --hours 24
  hadal guard check "ignore all previous instructions"
  hadal doctor                                    checks this machine and the service
  hadal monitor up                                monitors the local server
  hadal train recipe.ts --profile                 then: hadal profile RUN
  hadal deploy render                             then: hadal deploy plan, hadal deploy apply
  hadal scale --once --dry-run                    shows scaling decisions and their reasons
  hadal prove --quick                             verifies the published claims on this machine
  hadal retrieve clip --data pairs.jsonl --report page.html

Exit codes:
  0  success, including a server stopped on request
  1  failure
  2  invalid command line or configuration
  130, 143  interrupted by SIGINT or SIGTERM`
