/** Parses `nvidia-smi --query-gpu=... --format=csv`, per GPU. */

import { canonicalField } from './query-fields.ts'
import { type Cell, numberOf, parseSmiTable } from './smi-table.ts'
import { type SmiTrouble, smiTroubleIn } from './smi-trouble.ts'

export interface Gpu {
  /** `GPU 3`; the uuid or list position if it has no index. */
  readonly label: string
  readonly index: number | undefined
  /** By the newest name of a field. */
  readonly cells: ReadonlyMap<string, Cell>
}

export interface NvidiaSmi {
  readonly gpus: readonly Gpu[]
  /** Lines that should have been GPUs. */
  readonly unreadable: readonly string[]
  /** The problem reported by nvidia-smi. */
  readonly trouble: SmiTrouble | undefined
  /** Its warnings: `WARNING: infoROM is corrupted at gpu 0000:3B:00.0`. */
  readonly warnings: readonly string[]
}

/** More than any machine has. */
const maxGpus = 256

/**
 * What `nvidia-smi -q -x` says, as numbers.
 *
 * @example
 * ```ts
 * import { execFileSync } from 'node:child_process'
 * import { parseNvidiaSmi } from '@hadal/doctor'
 *
 * const { gpus } = parseNvidiaSmi(execFileSync('nvidia-smi', ['-q', '-x'], { encoding: 'utf8' }))
 * ```
 */
export function parseNvidiaSmi(text: string): NvidiaSmi {
  const table = parseSmiTable(text, 'index')
  const gpus = table.rows.slice(0, maxGpus).map((row, place) => {
    const cells = new Map([...row].map(([name, cell]) => [canonicalField(name), cell]))
    const index = wholeOf(numberOf(cells.get('index')))
    const uuid = cells.get('uuid')
    const label =
      index !== undefined
        ? `GPU ${index}`
        : uuid?.state === 'value'
          ? uuid.text
          : `GPU ${place + 1} in the list`
    return { label, index, cells }
  })
  const unreadableCells = gpus.flatMap(({ cells }) =>
    [...cells.values()].flatMap(({ state, text: said }) => (state === 'unreadable' ? [said] : [])),
  )
  return {
    gpus,
    unreadable: [
      ...table.unreadable,
      ...table.rows.slice(maxGpus).map((row) => [...row.values()].map(({ text: said }) => said).join(', ')),
    ],
    trouble: smiTroubleIn([...table.said, ...table.unreadable, ...unreadableCells].join('\n')),
    warnings: table.said.filter((line) => /^\s*WARNING\b/i.test(line)),
  }
}

const wholeOf = (number: number | undefined): number | undefined =>
  number !== undefined && Number.isInteger(number) && number >= 0 ? number : undefined
