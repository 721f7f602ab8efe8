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
  text: 'Check the driver log. A hung GPU recovers with a GPU reset or a reboot.',
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
      says: `nvidia-smi does not respond (${reading.detail}): the driver or a GPU hangs`,
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
        `${unreadable.length === 1 ? 'a line' : `${unreadable.length} lines`} of nvidia-smi output could not be parsed: a GPU may be missing here`,
        {
          text: 'Run nvidia-smi again. A truncated table was cut off while it was saved.',
          command: 'nvidia-smi -L',
        },
        unreadable.slice(0, 8),
      ),
    )
  else if ('isCut' in reading && reading.isCut)
    found.push(unknown('the nvidia-smi output is truncated: GPUs may be missing here', seeKernel))
  const silent = gpus.filter(({ cells }) =>
    [...cells].every(([name, { state }]) => state !== 'value' || name === 'index' || name === 'uuid'),
  )
  if (silent.length > 0) found.push(unknown(`${labelOf(silent)}: none of its metrics can be read`, seeKernel))
  const listed = parseGpuList(textOf(capture, 'nvidia-smi-list') ?? '')
  const missing = listed.filter(({ index }) => !gpus.some((gpu) => gpu.index === index))
  if (gpus.length > 0 && missing.length > 0)
    found.push(
      unknown(
        `${labelOf(missing.map(({ index }) => ({ index, label: '' })))}: listed, but without metrics`,
        seeKernel,
      ),
    )
  const onBus = parsePciDevices(textOf(capture, 'pci-devices') ?? '').length
  if (found.length === 0 && gpus.length > 0 && onBus > gpus.length && !isContainer(capture))
    found.push({
      severity: 'warning',
      says: `${onBus} GPUs are on the PCI bus, but nvidia-smi lists ${gpus.length}`,
      fix: seeKernel,
    })
  if (found.length > 0) return found
  if (gpus.length === 0)
    return unknown('the nvidia-smi output could not be parsed', seeKernel, firstLines(text))
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
        ? 'this container has a GPU but no nvidia-smi: it was started without the utility capability'
        : 'the machine has an NVIDIA GPU, but this container has no access to it',
      fix: {
        text: 'Start the container with GPUs. No change is needed if models run on the CPU.',
        command: 'docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility IMAGE',
      },
    }
  const [gpu] = parsePciDevices(textOf(capture, 'pci-devices') ?? '')
  if (gpu?.driver === 'nouveau')
    return {
      severity: 'warning',
      says: 'the GPU uses the nouveau driver: CUDA needs the NVIDIA driver',
      fix: {
        text: 'Install the NVIDIA driver, which blocks nouveau.',
      },
    }
  if (gpu?.driver?.startsWith('vfio') === true)
    return {
      severity: 'note',
      says: 'the GPU is reserved for virtual machines (vfio-pci)',
      fix: { text: 'Rebind it to the NVIDIA driver to use it on the host.' },
    }
  return {
    severity: 'warning',
    says: hasModule
      ? 'the NVIDIA driver is loaded, but nvidia-smi is not installed'
      : 'there is an NVIDIA GPU but no driver for it',
    fix: { text: 'Install the driver including its tools.' },
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
      text: 'List the devices.',
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
      says: '/dev/nvidia0 does not exist: no process can open a GPU',
      fix: {
        text: 'In a container, pass the GPUs in. On the host, create the device files.',
        command: 'sudo nvidia-modprobe -c=0 -u',
      },
    }
  if (lacking.length > 0)
    return {
      severity: 'error',
      says: `/dev/${lacking.join(' and /dev/')} ${lacking.length === 1 ? 'is' : 'are'} missing: CUDA cannot start`,
      fix: {
        text: 'Create the device files, or pass them to the container (--device).',
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
      text: 'List the variables.',
      command: 'env | grep -e CUDA_ -e NVIDIA_',
    })
  if (set.get('NVIDIA_VISIBLE_DEVICES') === 'void' || set.get('NVIDIA_VISIBLE_DEVICES') === 'none')
    return {
      severity: 'warning',
      says: `NVIDIA_VISIBLE_DEVICES=${set.get('NVIDIA_VISIBLE_DEVICES')} hides every GPU from this container`,
      fix: {
        text: 'Request a GPU (nvidia.com/gpu in its limits, or --gpus), unless the container should run without one.',
      },
    }
  if (chosen === undefined)
    return { severity: 'ok', says: 'CUDA_VISIBLE_DEVICES is not set: all GPUs are visible' }
  const words = chosen.split(',').map((word) => word.trim())
  const hides = words[0] === '' || words[0] === '-1' || words[0] === 'NoDevFiles'
  if (hides)
    return {
      severity: 'warning',
      says: `CUDA_VISIBLE_DEVICES='${chosen}' hides every GPU`,
      fix: { text: 'Unset it, or list the GPUs to use.', command: 'unset CUDA_VISIBLE_DEVICES' },
    }
  const { gpus } = smiTable(capture)
  if (gpus.length === 0)
    return unknown(`CUDA_VISIBLE_DEVICES=${chosen}, but the list of GPUs cannot be read`, {
      text: 'List them.',
      command: 'nvidia-smi -L',
    })
  if (new Set(words).size < words.length)
    return {
      severity: 'error',
      says: `CUDA_VISIBLE_DEVICES=${chosen} lists a GPU twice: CUDA then detects no GPU`,
      fix: { text: 'List each GPU once.', command: 'nvidia-smi -L' },
    }
  const end = words.find((word) => !isThere(word, gpus))
  if (end !== undefined)
    return {
      severity: end === '-1' ? 'warning' : 'error',
      says:
        end === '-1'
          ? `CUDA_VISIBLE_DEVICES=${chosen}: entries after -1 are ignored`
          : `CUDA_VISIBLE_DEVICES=${chosen}: GPU ${end} does not exist, so it and all later entries are ignored`,
      fix: { text: `Use indices from 0 to ${gpus.length - 1}, or UUIDs.`, command: 'nvidia-smi -L' },
    }
  return { severity: 'ok', says: `CUDA_VISIBLE_DEVICES=${chosen}` }
}

/** By index, or by a unique prefix of a UUID. MIG instances are not checked here. */
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
    title: 'GPUs respond',
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
    title: 'Visible GPUs',
    reads: ['gpu-environment', 'nvidia-smi-query'],
    verdict: visible,
    source: 'CUDA C++ Programming Guide, CUDA Environment Variables',
  },
]
