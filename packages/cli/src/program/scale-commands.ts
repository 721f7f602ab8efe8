/** The commands that change how many engines there are. */

import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

export function addScale(program: Command, _terminal: Terminal, _onExit: (code: number) => void): void {
  program
    .command('scale')
    .description('As many engines as are needed: a controller that says why.')
    .usage('[status|replay] [options]')
    .helpCommand(false)
}
