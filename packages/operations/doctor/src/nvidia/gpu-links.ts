/** How GPUs reach each other: `nvidia-smi topo -p2p r` and `nvidia-smi nvlink --status`. */

import { linesOf } from './smi-table.ts'

export interface PeerAccess {
  readonly from: number
  readonly to: number
  /** `OK`, or why not: `CNS`. */
  readonly status: string
}

/** Words of the legend below the matrix. */
export const peerWords: Readonly<Record<string, string>> = {
  CNS: 'the chipset does not support it',
  GNS: 'the GPU does not support it',
  TNS: 'they are on different PCI Express root complexes',
  NS: 'it is not supported',
  DR: 'it is disabled in the driver',
  U: 'unknown reason',
}

/** Rows are ` GPU0   X   OK   CNS`. */
export function parsePeerAccess(text: string): readonly PeerAccess[] {
  const found: PeerAccess[] = []
  let columns: number[] | undefined
  for (const raw of linesOf(text)) {
    // Colours are printed even into files.
    const words = raw
      .replace(/\u001B\[[\d;]*m/g, '')
      .trim()
      .split(/\s+/)
    const indexes = words.map((word) => /^GPU(\d{1,4})$/.exec(word)?.[1])
    if (indexes.every((index) => index !== undefined)) {
      columns ??= indexes.map(Number)
      if (words.length > 1 || columns.length !== 1) continue
    }
    const from = indexes[0]
    if (from === undefined || columns === undefined || words.length !== columns.length + 1) continue
    for (const [at, status] of words.slice(1).entries())
      if (status !== 'X') found.push({ from: Number(from), to: columns[at]!, status })
  }
  return found
}

export interface LinkCount {
  readonly gpu: number
  readonly active: number
  readonly inactive: number
  /** Those that say neither. */
  readonly unclear: number
}

/** `	 Link 3: 26.562 GB/s`, `	 Link 3: <inactive>` under `GPU 0: ...`. */
export function parseLinks(text: string): readonly LinkCount[] {
  const counts: { gpu: number; active: number; inactive: number; unclear: number }[] = []
  for (const line of linesOf(text)) {
    const gpu = /^\s*GPU (\d{1,4}):/.exec(line)?.[1]
    if (gpu !== undefined) counts.push({ gpu: Number(gpu), active: 0, inactive: 0, unclear: 0 })
    const link = /^\s*Link \d{1,3}: (.{1,60})$/.exec(line)?.[1]
    const count = counts.at(-1)
    if (link === undefined || count === undefined) continue
    if (/inactive/i.test(link)) count.inactive++
    else if (/\d\s*GB\/s/i.test(link)) count.active++
    else count.unclear++
  }
  return counts
}
