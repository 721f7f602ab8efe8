/**
 * SIGHUP, which means two things: somebody asks a service to read its config again, or the terminal that it was started
 * from has gone. After the second it ends, as it would without anybody listening.
 */

import { closeSync, openSync } from 'node:fs'

/** Nothing on Windows, where the signal only means a window that is closed. */
export function listenToHangUp(onReload: () => void): Disposable {
  if (process.platform === 'win32') return { [Symbol.dispose]: () => {} }
  const hadTerminal = hasTerminal()
  const stop = (): void => void process.off('SIGHUP', listen)
  const listen = (): void => {
    if (hadTerminal && !hasTerminal()) {
      stop()
      process.kill(process.pid, 'SIGHUP')
    } else onReload()
  }
  process.on('SIGHUP', listen)
  return { [Symbol.dispose]: stop }
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
