/** Checks that this machine's GPUs are present, responsive and accessible. */

import { type Capture, textOf } from '../../capture/capture.ts'
import { parseGpuList } from '../../nvidia/gpu-list.ts'
import type { Gpu } from '../../nvidia/parse-nvidia-smi.ts'
import { parsePciDevices } from '../../nvidia/pci-devices.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import {
  deviceNames,
  gpuPresence,
  hasDriverLoaded,
  labelOf,
  skipped,
  smiTable,
  unknown,
} from './gpu-readings.ts'

const seeKernel: Fix = {
  text: 'See what the driver says of it. A GPU that hangs comes back with a reset or a restart of the machine.',
  command: 'sudo dmesg | grep -i -e nvrm -e xid',
}

function answers(capture: Capture): Verdict | readonly Verdict[] {
  const presence = gpuPresence(capture)
  if (presence.kind === 'none') return skipped(presence.says)
  if (presence.kind === 'silent') return withoutProgram(capture)
  const reading = capture.readings['nvidia-smi-query']!
  const text = reading.text ?? ''
  const { gpus, unreadable, trouble } = smiTable(capture)
  const found: Verdict[] = []
  if ('failed' in reading && reading.failed === 'timed-out')
    found.push({
      severity: 'error',
      says: `nvidia-smi does not answer (${reading.detail}): the driver or a GPU hangs`,
      fix: seeKernel,
    })
  if (trouble !== undefined && trouble.id !== 'unknown-field')
    found.push({ severity: 'error', says: trouble.says, fix: trouble.fix, evidence: [trouble.line] })
  else if (trouble !== undefined) found.push(unknown(trouble.says, trouble.fix, [trouble.line]))
  else if ('failed' in reading && found.length === 0)
    found.push(unknown(`nvidia-smi failed: ${reading.detail}`, seeKernel, firstLines(text)))
  if (unreadable.length > 0)
    found.push(
      unknown(
        `${unreadable.length === 1 ? 'a line' : `${unreadable.length} lines`} of nvidia-smi could not be read: a GPU may be missing here`,
        { text: 'Ask again; a table that breaks off was cut while it was saved.', command: 'nvidia-smi -L' },
        unreadable.slice(0, 8),
      ),
    )
  else if ('isCut' in reading && reading.isCut)
    found.push(unknown('the answer of nvidia-smi is cut: GPUs may be missing here', seeKernel))
  const silent = gpus.filter(({ cells }) =>
    [...cells].every(([name, { state }]) => state !== 'value' || name === 'index' || name === 'uuid'),
  )
  if (silent.length > 0) found.push(unknown(`${labelOf(silent)}: no figure of it can be read`, seeKernel))
  const listed = parseGpuList(textOf(capture, 'nvidia-smi-list') ?? '')
  const missing = listed.filter(({ index }) => !gpus.some((gpu) => gpu.index === index))
  if (gpus.length > 0 && missing.length > 0)
    found.push(
      unknown(
        `${labelOf(missing.map(({ index }) => ({ index, label: '' })))}: listed, and no figures of it`,
        seeKernel,
      ),
    )
  const onBus = parsePciDevices(textOf(capture, 'pci-devices') ?? '').length
  if (found.length === 0 && gpus.length > 0 && onBus > gpus.length && !isContainer(capture))
    found.push({
      severity: 'warning',
      says: `${onBus} GPUs are on the PCI bus, and nvidia-smi knows ${gpus.length}`,
      fix: seeKernel,
    })
  if (found.length > 0) return found
  if (gpus.length === 0)
    return unknown('nvidia-smi says nothing that could be read', seeKernel, firstLines(text))
  return { severity: 'ok', says: `${labelOf(gpus)}: ${namesOf(gpus)}` }
}

/** Warnings, for a service may compute on the CPU alongside a GPU on purpose. */
function withoutProgram(capture: Capture): Verdict {
  const hasModule = hasDriverLoaded(capture)
  const hasDevice = deviceNames(capture).some((name) => /^nvidia\d+$/.test(name))
  if (isContainer(capture))
    return {
      severity: 'warning',
      says: hasDevice
        ? 'this container has a GPU and no nvidia-smi: it was started without the utility capability'
        : 'the machine has an NVIDIA GPU, and this container has none of it',
      fix: {
        text: 'Start it with GPUs, or leave it where models compute on the CPU.',
        command: 'docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility IMAGE',
      },
    }
  const [gpu] = parsePciDevices(textOf(capture, 'pci-devices') ?? '')
  if (gpu?.driver === 'nouveau')
    return {
      severity: 'warning',
      says: 'nouveau drives the GPU: CUDA needs the driver of NVIDIA',
      fix: {
        text: 'Install the driver of NVIDIA; it keeps nouveau away.',
      },
    }
  if (gpu?.driver?.startsWith('vfio') === true)
    return {
      severity: 'note',
      says: 'the GPU is kept for virtual machines (vfio-pci)',
      fix: { text: 'Give it back to the host if it is to compute here.' },
    }
  return {
    severity: 'warning',
    says: hasModule
      ? 'the NVIDIA driver is loaded, and nvidia-smi is not there'
      : 'there is an NVIDIA GPU and no driver for it',
    fix: { text: 'Install the driver with its tools.' },
  }
}

const isContainer = (capture: Capture): boolean =>
  /^container=yes$/m.test(textOf(capture, 'gpu-environment') ?? '')

/** `4 x NVIDIA H100 80GB HBM3`. */
function namesOf(gpus: readonly Gpu[]): string {
  const counts = new Map<string, number>()
  for (const { cells } of gpus) {
    const name = cells.get('name')?.text ?? 'without a name'
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} x ${name}`)).join(', ')
}

const firstLines = (text: string): readonly string[] =>
  text
    .split(/\r\n|\n|\r/, 4)
    .map((line) => line.slice(0, 200))
    .filter((line) => line.trim() !== '')

function devices(capture: Capture): Verdict | readonly Verdict[] {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  if (/^MINGW|^Windows/i.test(textOf(capture, 'uname') ?? '')) return skipped('Windows has no such devices')
  const names = deviceNames(capture)
  if (textOf(capture, 'dev-names') === undefined)
    return unknown('/dev cannot be listed', {
      text: 'See which devices there are.',
      command: 'ls -l /dev/nvidia*',
    })
  // The Linux of Windows has one device for all of it.
  if (names.includes('dxg')) return skipped('WSL reaches GPUs through /dev/dxg')
  const nodes = names.filter((name) => /^nvidia\d+$/.test(name)).length
  const lacking = ['nvidiactl', 'nvidia-uvm'].filter((name) => !names.includes(name))
  const gpus = smiTable(capture).gpus.length
  if (nodes === 0)
    return {
      severity: 'error',
      says: 'there is no /dev/nvidia0: nothing here can open a GPU',
      fix: {
        text: 'In a container: give it its GPUs. On the machine: make the devices.',
        command: 'sudo nvidia-modprobe -c=0 -u',
      },
    }
  if (lacking.length > 0)
    return {
      severity: 'error',
      says: `/dev/${lacking.join(' and /dev/')} ${lacking.length === 1 ? 'is' : 'are'} missing: CUDA cannot start`,
      fix: {
        text: 'Make them; in a container: give them to it (--device).',
        command: 'sudo nvidia-modprobe -c=0 -u',
      },
    }
  return {
    severity: 'ok',
    says: `/dev has ${nodes} GPU ${nodes === 1 ? 'device' : 'devices'}${gpus > 0 && gpus !== nodes ? ` (${gpus} may be used)` : ''}`,
  }
}

function visible(capture: Capture): Verdict {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const set = new Map(
    (textOf(capture, 'gpu-environment') ?? '').split(/\r\n|\n|\r/, 50).flatMap((line) => {
      const match = /^([A-Z_]{1,40})=(.{0,400})$/.exec(line)
      return match === null ? [] : [[match[1]!, match[2]!.trim()] as const]
    }),
  )
  const chosen = set.get('CUDA_VISIBLE_DEVICES')
  if (textOf(capture, 'gpu-environment') === undefined)
    return unknown('the environment cannot be read', {
      text: 'See what is set.',
      command: 'env | grep -e CUDA_ -e NVIDIA_',
    })
  if (set.get('NVIDIA_VISIBLE_DEVICES') === 'void' || set.get('NVIDIA_VISIBLE_DEVICES') === 'none')
    return {
      severity: 'warning',
      says: `NVIDIA_VISIBLE_DEVICES=${set.get('NVIDIA_VISIBLE_DEVICES')} keeps every GPU from this container`,
      fix: { text: 'Ask for a GPU (nvidia.com/gpu in its limits, --gpus), or leave it without on purpose.' },
    }
  if (chosen === undefined)
    return { severity: 'ok', says: 'CUDA_VISIBLE_DEVICES is not set: every GPU is seen' }
  const words = chosen.split(',').map((word) => word.trim())
  const hides = words[0] === '' || words[0] === '-1' || words[0] === 'NoDevFiles'
  if (hides)
    return {
      severity: 'warning',
      says: `CUDA_VISIBLE_DEVICES='${chosen}' hides every GPU`,
      fix: { text: 'Unset it, or name the GPUs that are to be used.', command: 'unset CUDA_VISIBLE_DEVICES' },
    }
  const { gpus } = smiTable(capture)
  if (gpus.length === 0)
    return unknown(`CUDA_VISIBLE_DEVICES=${chosen}, and which GPUs there are cannot be read`, {
      text: 'List them.',
      command: 'nvidia-smi -L',
    })
  if (new Set(words).size < words.length)
    return {
      severity: 'error',
      says: `CUDA_VISIBLE_DEVICES=${chosen} names a GPU twice: CUDA then sees none at all`,
      fix: { text: 'Name each once.', command: 'nvidia-smi -L' },
    }
  const end = words.find((word) => !isThere(word, gpus))
  if (end !== undefined)
    return {
      severity: end === '-1' ? 'warning' : 'error',
      says:
        end === '-1'
          ? `CUDA_VISIBLE_DEVICES=${chosen}: what is named after -1 is not seen`
          : `CUDA_VISIBLE_DEVICES=${chosen}: there is no GPU ${end}, and it and all named after it are not seen`,
      fix: { text: `Name GPUs from 0 to ${gpus.length - 1}, or by their UUIDs.`, command: 'nvidia-smi -L' },
    }
  return { severity: 'ok', says: `CUDA_VISIBLE_DEVICES=${chosen}` }
}

/** By index, or by as much of a uuid as tells it from others. Which MIG instances there are is not asked here. */
const isThere = (word: string, gpus: readonly Gpu[]): boolean =>
  /^\d+$/.test(word)
    ? Number(word) < gpus.length
    : /^MIG-/i.test(word) ||
      (/^GPU-/i.test(word) &&
        gpus.some(({ cells }) => {
          const uuid = cells.get('uuid')
          return uuid?.state !== 'value' || uuid.text.toLowerCase().startsWith(word.toLowerCase())
        }))

export const answerChecks: readonly Check[] = [
  {
    id: 'gpu-answers',
    group: 'gpu',
    title: 'GPUs answer',
    reads: [
      'nvidia-smi-query',
      'nvidia-smi-list',
      'uname',
      'dev-names',
      'pci-devices',
      'proc-nvidia-version',
      'gpu-environment',
    ],
    verdict: answers,
    source: 'nvidia-smi(1), return values',
  },
  {
    id: 'gpu-devices',
    group: 'gpu',
    title: 'GPU devices',
    reads: ['dev-names', 'nvidia-smi-query', 'uname'],
    verdict: devices,
    source: 'README of the NVIDIA Linux driver: how device files are made',
  },
  {
    id: 'gpu-visible',
    group: 'gpu',
    title: 'GPUs that are seen',
    reads: ['gpu-environment', 'nvidia-smi-query'],
    verdict: visible,
    source: 'CUDA C++ Programming Guide, CUDA Environment Variables',
  },
]
