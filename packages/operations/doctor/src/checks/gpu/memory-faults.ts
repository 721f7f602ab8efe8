/** Checks of GPU errors: ECC, remapped rows, required resets. */

import { type Capture, textOf } from '../../capture/capture.ts'
import type { Gpu } from '../../nvidia/parse-nvidia-smi.ts'
import { type Cell, numberOf, parseSmiTable, yesOf } from '../../nvidia/smi-table.ts'
import type { Check, Verdict } from '../check.ts'
import {
  eachGpu,
  gpuPresence,
  notUnderstood,
  selecting,
  skipped,
  smiTable,
  textIn,
  unknown,
  withoutValue,
} from './gpu-readings.ts'

const uncorrected = 'ecc.errors.uncorrected.volatile.total'
const corrected = 'ecc.errors.corrected.volatile.total'
/** Corrected ones are harmless; thousands since the driver was loaded say that a part wears out. */
const manyCorrected = 1000

const ecc = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    const silent = withoutValue(capture, gpu, uncorrected, 'memory errors')
    if (silent !== undefined && silent.severity !== 'skipped') return silent
    if (silent !== undefined)
      return yesOf(gpu.cells.get('ecc.mode.current')) === false
        ? {
            severity: 'note',
            says: 'ECC is off: memory errors are not detected',
            fix: {
              text: 'Enable ECC. It takes effect after a reset.',
              command: `sudo nvidia-smi -e 1${selecting(gpu)}`,
            },
          }
        : skipped('no ECC')
    const errors = numberOf(gpu.cells.get(uncorrected))
    if (errors === undefined || errors < 0) return notUnderstood(gpu, uncorrected, 'memory errors')
    if (errors > 0)
      return {
        severity: 'error',
        says: `${errors} uncorrected memory ${errors === 1 ? 'error' : 'errors'} since the driver was loaded: results may be wrong, and programs were killed`,
        fix: {
          text: 'Drain the GPU and reset it. If the errors return, have it replaced.',
          command: `sudo nvidia-smi --gpu-reset${selecting(gpu)}`,
        },
      }
    const soft = numberOf(gpu.cells.get(corrected)) ?? 0
    if (soft >= manyCorrected)
      return {
        severity: 'note',
        says: `${soft} corrected memory errors since the driver was loaded, none uncorrected`,
        fix: {
          text: 'No action is needed yet. Watch whether the number grows.',
          command: `nvidia-smi -q -d ECC${selecting(gpu)}`,
        },
      }
    return { severity: 'ok', says: 'no uncorrected memory errors' }
  })

const rowRemap = (capture: Capture): Verdict | readonly Verdict[] => {
  const { rows } = parseSmiTable(textOf(capture, 'nvidia-smi-remapped-rows') ?? '', 'gpu_uuid')
  const byUuid = new Map(rows.map((row) => [row.get('gpu_uuid')?.text, row]))
  return eachGpu(capture, (gpu) => {
    const cells = rowCells(gpu, byUuid)
    const command = `nvidia-smi -q -d ROW_REMAPPER,PAGE_RETIREMENT${selecting(gpu)}`
    if (yesOf(cells.failure) === true)
      return {
        severity: 'error',
        says: 'a faulty memory row could not be remapped',
        fix: { text: 'Take it out of service and have it replaced (RMA).', command },
      }
    if (yesOf(cells.pending) === true || yesOf(cells.retired) === true)
      return {
        severity: 'warning',
        says:
          yesOf(cells.pending) === true
            ? 'a faulty memory row will be remapped at the next reset; until then, programs may use it'
            : 'a memory page will be retired at the next restart; until then, programs may use it',
        fix: { text: 'Drain the GPU and reset it.', command: `sudo nvidia-smi --gpu-reset${selecting(gpu)}` },
      }
    const reported = Object.values(cells).filter((cell) => cell !== undefined && cell.state !== 'unsupported')
    const doubtful = reported.find((cell) => yesOf(cell) === undefined)
    if (doubtful !== undefined)
      return unknown(
        `pending row remapping has an unexpected value: ${doubtful.text.slice(0, 60) || 'empty'}`,
        {
          text: 'Check the row remapping that nvidia-smi reports.',
          command,
        },
      )
    const isReported =
      (yesOf(cells.failure) === false && yesOf(cells.pending) === false) || yesOf(cells.retired) === false
    if (isReported) return { severity: 'ok', says: 'no row remapping is pending' }
    if (reported.length === 0 && cells.failure !== undefined && cells.pending !== undefined)
      return skipped('this card does not remap memory rows')
    return unknown('pending row remapping cannot be read', {
      text: 'Check the row remapping that nvidia-smi reports.',
      command,
    })
  })
}

interface RowCells {
  readonly failure: Cell | undefined
  readonly pending: Cell | undefined
  /** For cards before Ampere, which retire whole pages. */
  readonly retired: Cell | undefined
}

function rowCells(
  { cells }: Gpu,
  byUuid: ReadonlyMap<string | undefined, ReadonlyMap<string, Cell>>,
): RowCells {
  const uuid = cells.get('uuid')?.text
  const own = uuid === undefined ? undefined : byUuid.get(uuid)
  const cell = (name: string): Cell | undefined => cells.get(name) ?? own?.get(name)
  return {
    failure: cell('remapped_rows.failure'),
    pending: cell('remapped_rows.pending'),
    retired: cell('retired_pages.pending'),
  }
}

/** `gpu_recovery_action` is the required action; older drivers report `Yes` for a reset. */
const recovery = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    if (gpu.cells.get('gpu_recovery_action')?.state === 'unreadable')
      return notUnderstood(gpu, 'gpu_recovery_action', 'the recovery action')
    const action = textIn(gpu, 'gpu_recovery_action')
    if (action !== undefined && /^none$/i.test(action))
      return { severity: 'ok', says: 'no reset is required' }
    if (action !== undefined)
      return {
        severity: /drain/i.test(action) ? 'warning' : 'error',
        says: `recovery action required: ${action.slice(0, 60)}`,
        fix: /reboot/i.test(action)
          ? { text: 'Reboot the machine.', command: 'sudo reboot' }
          : {
              text: 'Drain the GPU, then reset it.',
              command: `sudo nvidia-smi --gpu-reset${selecting(gpu)}`,
            },
      }
    const field = 'reset_status.reset_required'
    const silent = withoutValue(capture, gpu, field, 'the reset status')
    if (silent !== undefined) return silent
    const isRequired = yesOf(gpu.cells.get(field))
    if (isRequired === undefined) return notUnderstood(gpu, field, 'the reset status')
    if (isRequired)
      return {
        severity: 'error',
        says: 'a reset is required before it can be used',
        fix: {
          text: 'Stop the processes that use it, then reset it.',
          command: `sudo nvidia-smi --gpu-reset${selecting(gpu)}`,
        },
      }
    if (yesOf(gpu.cells.get('reset_status.drain_and_reset_recommended')) === true)
      return {
        severity: 'warning',
        says: 'a drain and reset is recommended',
        fix: {
          text: 'Drain the GPU, then reset it.',
          command: `sudo nvidia-smi --gpu-reset${selecting(gpu)}`,
        },
      }
    return { severity: 'ok', says: 'no reset is required' }
  })

function infoRom(capture: Capture): Verdict {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const text = ['nvidia-smi-query', 'nvidia-smi-list', 'nvidia-smi-details']
    .map((name) => textOf(capture, name) ?? '')
    .join('\n')
  const bus = /infoROM is corrupted at gpu ([\da-f:.]{7,20})/i.exec(text)?.[1]
  if (bus !== undefined)
    return {
      severity: 'warning',
      says: `the GPU at ${bus} has a corrupted infoROM: its error counts are unreliable`,
      fix: {
        text: 'Contact the vendor. The GPU remains usable until then.',
        command: 'nvidia-smi -q | grep -A4 -i inforom',
      },
    }
  if (smiTable(capture).gpus.length === 0)
    return unknown('nvidia-smi listed no GPU', { text: 'Run nvidia-smi manually.', command: 'nvidia-smi' })
  return { severity: 'ok', says: 'nvidia-smi reports no corrupted infoROM' }
}

export const memoryFaultChecks: readonly Check[] = [
  {
    id: 'gpu-ecc',
    group: 'gpu',
    title: 'Memory errors (ECC)',
    reads: ['nvidia-smi-query', 'nvidia-smi-fields'],
    verdict: ecc,
    source: 'NVIDIA GPU Memory Error Management',
  },
  {
    id: 'gpu-row-remap',
    group: 'gpu',
    title: 'Row remapping',
    reads: ['nvidia-smi-query', 'nvidia-smi-remapped-rows'],
    verdict: rowRemap,
    source: 'NVIDIA GPU Memory Error Management, row remapping',
  },
  {
    id: 'gpu-recovery',
    group: 'gpu',
    title: 'Reset required',
    reads: ['nvidia-smi-query', 'nvidia-smi-fields'],
    verdict: recovery,
    source: 'nvidia-smi(1), GPU Recovery Action and GPU Reset Status',
  },
  {
    id: 'gpu-inforom',
    group: 'gpu',
    title: 'infoROM',
    reads: ['nvidia-smi-query', 'nvidia-smi-list', 'nvidia-smi-details'],
    verdict: infoRom,
    source: 'nvidia-smi(1), return value 14',
  },
]
