/**
 * SIGHUP, which means two things: somebody asks a service to read its config again, or the terminal that it was started
 * from has gone. After the second it shall stop, as it would without anybody listening, unless `nohup` said not to.
 */

import { closeSync, openSync, readFileSync } from 'node:fs'

export interface HangUpListeners {
  readonly onReload: () => void
  readonly onTerminalGone: () => void
}

/** Nothing on Windows, where the signal only means a window that is closed. */
export function listenToHangUp({ onReload, onTerminalGone }: HangUpListeners): Disposable {
  if (process.platform === 'win32') return { [Symbol.dispose]: () => {} }
  const endsWithTerminal = hasTerminal() && !isIgnored()
  const listen = (): void => (endsWithTerminal && !hasTerminal() ? onTerminalGone() : onReload())
  process.on('SIGHUP', listen)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', listen) }
}

/** A process has it until it hangs up. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

/** SIGHUP is the first bit. */
function isIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
    return (BigInt(`0x${mask}`) & 1n) === 1n
  } catch {
    return false
  }
}
