/** The commands that change how many engines there are. */

import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addScaleReplay } from './scale-replay-command.ts'

export function addScale(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const scale = program
    .command('scale')
    .description('As many engines as are needed: a controller that says why.')
    .usage('[status|replay] [options]')
    .helpCommand(false)

  addScaleReplay(scale, terminal, onExit)
}
