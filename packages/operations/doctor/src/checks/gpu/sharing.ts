/** Checks of GPU sharing: MIG, compute mode, processes holding memory, vGPU licences. */

import { formatBytes } from '@hadal/base'
import { type Capture, textOf } from '../../capture/capture.ts'
import { parseGpuList } from '../../nvidia/gpu-list.ts'
import { parseGpuProcesses } from '../../nvidia/gpu-processes.ts'
import type { Gpu } from '../../nvidia/parse-nvidia-smi.ts'
import { type DetailValue, valuesIn } from '../../nvidia/smi-details.ts'
import { numberOf, yesOf } from '../../nvidia/smi-table.ts'
import type { Check, Verdict } from '../check.ts'
import {
  detailsRead,
  eachGpu,
  gpuPresence,
  linesRead,
  notUnderstood,
  selecting,
  skipped,
  smiTable,
  textIn,
  unknown,
  withoutValue,
} from './gpu-readings.ts'

const current = 'mig.mode.current'

function mig(capture: Capture): Verdict | readonly Verdict[] {
  const list = linesRead(capture, 'nvidia-smi-list')
  const listed = parseGpuList(list?.text ?? '')
  const { gpus } = smiTable(capture)
  const isWhole = list?.isWhole === true && listed.length >= gpus.length
  const last = isWhole ? undefined : listed.at(-1)
  return eachGpu(capture, (gpu) => {
    const silent = withoutValue(capture, gpu, current, 'the MIG mode')
    if (silent !== undefined) return silent
    const isOn = yesOf(gpu.cells.get(current))
    if (isOn === undefined) return notUnderstood(gpu, current, 'the MIG mode')
    const pending = yesOf(gpu.cells.get('mig.mode.pending'))
    if (pending !== undefined && pending !== isOn)
      return {
        severity: 'warning',
        says: `MIG is ${isOn ? 'on' : 'off'} and will be ${pending ? 'on' : 'off'} after a reset`,
        fix: {
          text: 'Reset it when no process uses it.',
          command: `sudo nvidia-smi --gpu-reset${selecting(gpu)}`,
        },
      }
    if (!isOn) return { severity: 'ok', says: 'MIG is off' }
    const entry =
      listed.find(({ uuid }) => uuid !== undefined && uuid === textIn(gpu, 'uuid')) ??
      listed.find(({ index }) => index === gpu.index)
    // The last entry of a truncated list may have more instances.
    if (entry === undefined || entry === last)
      return unknown('MIG is on, but its instances cannot be read', {
        text: 'List them.',
        command: `nvidia-smi mig -lgi${selecting(gpu)}`,
      })
    const profiles = entry.instances
    if (profiles.length === 0)
      return {
        severity: 'error',
        says: 'MIG is on but has no instances: no process can use the GPU',
        fix: {
          text: 'Create instances, or disable MIG.',
          command: `sudo nvidia-smi mig -cgi 0 -C${selecting(gpu)}`,
        },
      }
    return {
      severity: 'note',
      says: `MIG splits it into ${profiles.length} ${profiles.length === 1 ? 'instance' : 'instances'} (${countsOf(profiles)}): a process uses one of them, and a model must fit in it`,
      fix: {
        text: 'Select the instance that the process should use.',
        command: 'CUDA_VISIBLE_DEVICES=MIG-UUID hadal serve',
      },
    }
  })
}

function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => (count === 1 ? word : `${count} x ${word}`)).join(', ')
}

const computeMode = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    const silent = withoutValue(capture, gpu, 'compute_mode', 'its compute mode')
    if (silent !== undefined) return silent
    const command = `sudo nvidia-smi -c DEFAULT${selecting(gpu)}`
    switch (textIn(gpu, 'compute_mode')!.toLowerCase().replace(/^\d: /, '')) {
      case 'default':
        return { severity: 'ok', says: 'any number of processes can use it' }
      case 'prohibited':
        return {
          severity: 'error',
          says: 'its compute mode is Prohibited: no process can use it',
          fix: { text: 'Set the compute mode to Default.', command },
        }
      case 'exclusive_process':
      case 'exclusive_thread':
        return {
          severity: 'note',
          says: 'its compute mode is exclusive: one process can use it, and a second one fails with CUDA error 46',
          fix: { text: 'Set the compute mode to Default if several processes should share it.', command },
        }
      default:
        return notUnderstood(gpu, 'compute_mode', 'its compute mode')
    }
  })

const bytesOf = (mib: number): string => formatBytes(mib * 2 ** 20)
/** What the driver itself holds without any process. */
const driversShareMib = 1024

function memoryHeld(capture: Capture): Verdict | readonly Verdict[] {
  const processes = parseGpuProcesses(textOf(capture, 'nvidia-smi-apps') ?? '')
  return eachGpu(capture, (gpu) => {
    const silent =
      withoutValue(capture, gpu, 'memory.used', 'its memory') ??
      withoutValue(capture, gpu, 'memory.total', 'its memory')
    // A GPU that shares the machine's memory (GB10) reports no memory.
    if (silent !== undefined) return silent
    const used = numberOf(gpu.cells.get('memory.used'))
    const total = numberOf(gpu.cells.get('memory.total'))
    if (used === undefined || used < 0) return notUnderstood(gpu, 'memory.used', 'its memory')
    if (total === undefined || total <= 0 || used > total)
      return notUnderstood(gpu, 'memory.total', 'its memory')
    return heldVerdict(
      gpu,
      used,
      total,
      processes?.filter(({ gpuUuid }) => gpuUuid === textIn(gpu, 'uuid')),
    )
  })
}

function heldVerdict(
  gpu: Gpu,
  used: number,
  total: number,
  processes: ReturnType<typeof parseGpuProcesses>,
): Verdict {
  const held = `${bytesOf(used)} of ${bytesOf(total)} of its memory`
  const isMuch = used > total * 0.9
  if (used <= Math.max(driversShareMib, total * 0.02))
    return { severity: 'ok', says: `memory is free (${bytesOf(total)})` }
  if (processes === undefined)
    return unknown(`${held} in use, but the processes cannot be read`, {
      text: 'List the processes that have the device open.',
      command: 'sudo fuser -v /dev/nvidia*',
    })
  const [most] = processes.toSorted((a, b) => (b.memoryMib ?? 0) - (a.memoryMib ?? 0))
  if (most === undefined)
    return yesOf(gpu.cells.get(current)) === true
      ? {
          severity: 'note',
          says: `${held} in use by its instances`,
          fix: { text: 'List the instances.', command: 'nvidia-smi' },
        }
      : {
          severity: isMuch ? 'warning' : 'note',
          says: `${held} in use, but no process is visible: it runs in another container, or it exited without freeing memory`,
          fix: {
            text: 'List the processes that have the device open, and kill leftover ones.',
            command: 'sudo fuser -v /dev/nvidia*',
          },
        }
  return {
    severity: isMuch ? 'warning' : 'note',
    says: `${held} in use: ${processes.length === 1 ? `process ${most.pid}` : `${processes.length} processes, the largest is ${most.pid}`}${most.memoryMib === undefined ? '' : ` with ${bytesOf(most.memoryMib)}`}`,
    fix: {
      text: 'If it is not needed, identify the process and stop it.',
      command: `ps -o pid,user,etime,comm -p ${processes
        .slice(0, 8)
        .map(({ pid }) => pid)
        .join(',')}`,
    },
  }
}

function licence(capture: Capture): Verdict | readonly Verdict[] {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const { text, isWhole } = detailsRead(capture)
  const modes = valuesIn(text, 'GPU Virtualization Mode', 'Virtualization Mode')
  const virtual = modes.filter(({ value }) => /^vgpu$/i.test(value))
  if (virtual.length === 0)
    return isWhole && modes.length > 0
      ? skipped('no GPU is a vGPU')
      : unknown('the virtualization mode cannot be read', {
          text: 'Check its virtualization mode.',
          command: 'nvidia-smi -q | grep -i -A2 virtualization',
        })
  const states = valuesIn(text, 'vGPU Software Licensed Product', 'License Status')
  const reported = states.map(licenceVerdict)
  return isWhole && states.length >= virtual.length
    ? reported
    : [
        ...reported,
        unknown('the license of a vGPU cannot be read', {
          text: 'Inspect it.',
          command: 'nvidia-smi -q | grep -i licen',
        }),
      ]
}

function licenceVerdict({ gpu, value }: DetailValue): Verdict {
  if (/^licensed\b/i.test(value)) return { severity: 'ok', says: `${gpu}: ${value.slice(0, 80)}` }
  if (/^unlicensed\b/i.test(value))
    return {
      severity: /unrestricted/i.test(value) ? 'warning' : 'error',
      says: `${gpu}: the vGPU has no license${/unrestricted/i.test(value) ? ' yet: it will be throttled after a while' : ': it is throttled, and CUDA is disabled'}`,
      fix: {
        text: 'Check the license token, the license server and the clock.',
        command: 'sudo systemctl status nvidia-gridd',
      },
    }
  return unknown(`${gpu}: unexpected license status: ${value.slice(0, 80)}`, {
    text: 'Inspect it.',
    command: 'nvidia-smi -q | grep -i licen',
  })
}

export const sharingChecks: readonly Check[] = [
  {
    id: 'gpu-mig',
    group: 'gpu',
    title: 'Division (MIG)',
    reads: ['nvidia-smi-query', 'nvidia-smi-list', 'nvidia-smi-fields'],
    verdict: mig,
    source: 'NVIDIA Multi-Instance GPU User Guide',
  },
  {
    id: 'gpu-compute-mode',
    group: 'gpu',
    title: 'Compute mode',
    reads: ['nvidia-smi-query', 'nvidia-smi-fields'],
    verdict: computeMode,
    source: 'CUDA Driver API, CUDA_ERROR_DEVICE_UNAVAILABLE (46)',
  },
  {
    id: 'gpu-memory-held',
    group: 'gpu',
    title: 'GPU memory in use',
    reads: ['nvidia-smi-query', 'nvidia-smi-apps', 'nvidia-smi-fields'],
    verdict: memoryHeld,
    source: 'nvidia-smi(1), FB Memory Usage and Processes',
  },
  {
    id: 'gpu-licence',
    group: 'gpu',
    title: 'vGPU license',
    reads: ['nvidia-smi-details', 'nvidia-smi-query'],
    verdict: licence,
    source: 'NVIDIA Virtual GPU Client Licensing User Guide',
  },
]
