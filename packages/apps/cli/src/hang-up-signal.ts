/**
 * SIGHUP has two meanings: reload the config, or the controlling terminal has closed. In the second case the process ends, as by default.
 */

import { closeSync, openSync } from 'node:fs'

/** No-op on Windows, where the signal only means that a console window was closed. */
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
