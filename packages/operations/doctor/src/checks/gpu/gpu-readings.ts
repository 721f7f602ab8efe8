/** Prerequisite of every GPU check: whether there is a GPU, and nvidia-smi's data on each. */

import { type Capture, textOf } from '../../capture/capture.ts'
import { type Gpu, type NvidiaSmi, parseNvidiaSmi } from '../../nvidia/parse-nvidia-smi.ts'
import { parsePciDevices } from '../../nvidia/pci-devices.ts'
import { queryOf } from '../../nvidia/query-fields.ts'
import { gpusReported } from '../../nvidia/smi-details.ts'
import { smiTroubleIn } from '../../nvidia/smi-trouble.ts'
import type { Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'

export type GpuPresence =
  | { readonly kind: 'nvidia' }
  /** A GPU is present without nvidia-smi: one check reports it, and the others have no data. */
  | { readonly kind: 'silent'; readonly says: string }
  /** Nothing to be checked here, and why. */
  | { readonly kind: 'none'; readonly says: string }

export function gpuPresence(capture: Capture): GpuPresence {
  const query = capture.readings['nvidia-smi-query']
  if (query === undefined) return { kind: 'none', says: 'nvidia-smi was not run' }
  const kernel = textOf(capture, 'uname') ?? ''
  if (/^Darwin\b/.test(kernel))
    return { kind: 'none', says: 'Apple hardware: no tool reports the state of its GPU' }
  const devices = deviceNames(capture)
  const bus = textOf(capture, 'pci-devices') ?? ''
  const hasGpu =
    devices.some((name) => /^nvidia(?:\d+|ctl|-uvm)$/.test(name)) ||
    hasDriverLoaded(capture) ||
    parsePciDevices(bus).length > 0
  if (!('failed' in query) || query.failed !== 'absent') {
    // Images for GPUs bring the program to machines without. Only on PCs is every GPU on the PCI bus; that of WSL is not.
    const isOnBus = hasGpu || !/x86_64/.test(kernel) || bus.trim() === '' || devices.includes('dxg')
    const says = smiTroubleIn(query.text ?? '')?.id ?? ''
    if (isOnBus || !/^(?:no-driver|no-library|no-devices|failed)$/.test(says)) return { kind: 'nvidia' }
    return { kind: 'none', says: 'nvidia-smi is installed, but there is no NVIDIA GPU on the PCI bus' }
  }
  if (hasGpu) return { kind: 'silent', says: 'nvidia-smi is not installed' }
  if (devices.includes('kfd'))
    return {
      kind: 'none',
      says: 'an AMD GPU (/dev/kfd): only NVIDIA GPUs are checked; `rocm-smi` reports its state',
    }
  return { kind: 'none', says: 'no NVIDIA GPU: no nvidia-smi, driver or device' }
}

/**
 * The complete lines of a source, and whether they are all of it: a command may have been killed, or a text truncated when saved.
 * Undefined if there is none.
 */
export function linesRead(
  capture: Capture,
  name: string,
): { readonly text: string; readonly isWhole: boolean } | undefined {
  const reading = capture.readings[name]
  if (reading?.text === undefined) return undefined
  const end = Math.max(reading.text.lastIndexOf('\n'), reading.text.lastIndexOf('\r')) + 1
  return {
    text: reading.text.slice(0, end),
    isWhole: !('failed' in reading) && reading.isCut !== true && end === reading.text.length,
  }
}

/** Output of `nvidia-smi -q`, and whether it is complete for every GPU in the table. */
export function detailsRead(capture: Capture): { readonly text: string; readonly isWhole: boolean } {
  const { text, isWhole } = linesRead(capture, 'nvidia-smi-details') ?? { text: '', isWhole: false }
  const reported = gpusReported(text) ?? 0
  const { gpus } = smiTable(capture)
  return { text, isWhole: isWhole && reported > 0 && reported >= gpus.length }
}

/** Every check asks for it. */
const tables = new WeakMap<Capture, NvidiaSmi>()

export function smiTable(capture: Capture): NvidiaSmi {
  const table = tables.get(capture) ?? parseNvidiaSmi(textOf(capture, 'nvidia-smi-query') ?? '')
  tables.set(capture, table)
  return table
}

export const hasDriverLoaded = (capture: Capture): boolean =>
  (textOf(capture, 'proc-nvidia-version') ?? '').includes('NVRM')

export const deviceNames = (capture: Capture): readonly string[] =>
  (textOf(capture, 'dev-names') ?? '').split(/\s+/, 10_000)

export const skipped = (says: string): Verdict => ({ severity: 'skipped', says })

export const unknown = (says: string, fix: Fix, evidence?: readonly string[]): Verdict => ({
  severity: 'unknown',
  says,
  fix,
  ...(evidence === undefined ? {} : { evidence }),
})

const askByHand: Fix = { text: 'Run nvidia-smi manually.', command: 'nvidia-smi' }

/**
 * Judges each GPU separately. GPUs with the same finding share one verdict: `GPUs 0-7: ...`. If nvidia-smi lists no GPU, the result
 * is unknown.
 */
export function eachGpu(
  capture: Capture,
  judge: (gpu: Gpu) => Verdict | readonly Verdict[] | undefined,
): Verdict | readonly Verdict[] {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const { gpus } = smiTable(capture)
  if (gpus.length === 0) return unknown('nvidia-smi listed no GPU', askByHand)
  const groups = new Map<
    string,
    { readonly verdict: Verdict; readonly gpus: Gpu[]; readonly evidence: string[] }
  >()
  for (const gpu of gpus)
    for (const verdict of [judge(gpu) ?? []].flat()) {
      const key = JSON.stringify([verdict.severity, verdict.says, verdict.fix])
      const group = groups.get(key) ?? { verdict, gpus: [], evidence: [] }
      groups.set(key, group)
      group.gpus.push(gpu)
      group.evidence.push(...(verdict.evidence ?? []))
    }
  if (groups.size === 0) return unknown('no GPU reports this', askByHand)
  return [...groups.values()].map(({ verdict, gpus: of, evidence }) => ({
    ...verdict,
    says: `${labelOf(of)}: ${verdict.says}`,
    ...(evidence.length === 0 ? {} : { evidence: evidence.slice(0, 16) }),
  }))
}

/** `GPU 3`, `GPUs 0-3, 6`. */
export function labelOf(gpus: readonly Pick<Gpu, 'label' | 'index'>[]): string {
  const indexes = [...new Set(gpus.flatMap(({ index }) => index ?? []))].sort((a, b) => a - b)
  const others = gpus.filter(({ index }) => index === undefined).map(({ label }) => label)
  const ranges: string[] = []
  for (let at = 0; at < indexes.length; ) {
    let end = at
    while (indexes[end + 1] === indexes[end]! + 1) end++
    ranges.push(end === at ? `${indexes[at]}` : `${indexes[at]}-${indexes[end]}`)
    at = end + 1
  }
  const numbered =
    ranges.length === 0 ? [] : [`${indexes.length === 1 ? 'GPU' : 'GPUs'} ${ranges.join(', ')}`]
  return [...numbered, ...others].join(', ')
}

/** `-i 3` of a command; nothing where the GPU has no index. */
export const selecting = ({ index }: Gpu): string => (index === undefined ? '' : ` -i ${index}`)

/**
 * Verdict for a field without a value; undefined if it has one. A field that this driver lacks is skipped; one that it has but
 * cannot report is unknown.
 */
export function withoutValue(capture: Capture, gpu: Gpu, field: string, about: string): Verdict | undefined {
  const cell = gpu.cells.get(field)
  if (cell?.state === 'value') return undefined
  if (cell?.state === 'unsupported') return skipped(`${about}: not reported`)
  if (cell === undefined && queryOf(textOf(capture, 'nvidia-smi-fields') ?? '') !== undefined)
    return skipped(`${about}: not reported by this driver`)
  const said = cell === undefined ? 'it was not queried' : `nvidia-smi reports ${cell.text || 'nothing'}`
  return unknown(`${about} cannot be read: ${said}`, {
    text: 'Check what nvidia-smi reports for this GPU.',
    command: `nvidia-smi -q${selecting(gpu)}`,
  })
}

/** Where a field has a value that is none that is known. */
export function notUnderstood(gpu: Gpu, field: string, about: string): Verdict {
  return unknown(`${about} has an unexpected value: ${(gpu.cells.get(field)?.text ?? '').slice(0, 60)}`, {
    text: 'Check what nvidia-smi reports for this GPU.',
    command: `nvidia-smi -q${selecting(gpu)}`,
  })
}

export const textIn = (gpu: Gpu, field: string): string | undefined => {
  const cell = gpu.cells.get(field)
  return cell?.state === 'value' ? cell.text : undefined
}
