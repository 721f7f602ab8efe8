/** A free port on the loopback interface. */

import { tryPort } from '@hadal/base/free-port'
import { monitorPortTaken } from './errors.ts'

export interface PortWish {
  /** As it was asked for; 0 is any. */
  readonly requested: number | undefined
  /** Taken where nothing was asked for and it is free. */
  readonly usual: number
  /** What asks for it. */
  readonly flag: string
}

/** Throws `monitor_port_taken` where the one that was asked for is. `not` is one that is to be left to another. */
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
