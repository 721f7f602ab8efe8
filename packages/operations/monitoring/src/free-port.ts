/** A free port on the loopback interface. */

import { tryPort } from '@hadal/base/free-port'
import { monitorPortTaken } from './errors.ts'

export interface PortWish {
  /** The requested port; 0: any free port. */
  readonly requested: number | undefined
  /** Used if no port is requested and it is free. */
  readonly usual: number
  /** The flag that sets it, for the error message. */
  readonly flag: string
}

/** Throws `monitor_port_taken` if the requested port is in use. `not` is reserved for another program. */
export async function freePort(
  host: string,
  { requested, usual, flag }: PortWish,
  not?: number,
): Promise<number> {
  const at = (port: number) => tryPort({ host: host.replace(/[[\]]/g, ''), port })
  if (requested === 0) return (await at(0))!
  const port = requested ?? usual
  const found = port === not ? undefined : await at(port)
  if (found !== undefined) return found
  if (requested !== undefined) throw monitorPortTaken(requested, flag)
  return (await at(0))!
}
