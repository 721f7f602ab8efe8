/** The driver: whether it is whole, and which CUDA it runs. */

import { type Capture, textOf } from '../../capture/capture.ts'
import {
  compareVersions,
  cudaFloors,
  cudaOf,
  driverVersionIn,
  kernelModuleVersion,
} from '../../nvidia/driver-version.ts'
import { smiTroubleIn } from '../../nvidia/smi-trouble.ts'
import type { Check, Verdict } from '../check.ts'
import { factsOf } from '../facts.ts'
import type { Fix } from '../fix.ts'
import { deviceNames, gpuPresence, linesRead, skipped, smiTable, textIn, unknown } from './gpu-readings.ts'

const update = (floor: string): Fix => ({
  text: `Install driver ${floor} or newer from the distribution's packages (a current production branch), and reboot.`,
})

/**
 * Driver version of the libraries as nvidia-smi reports it, the oldest; the kernel module's where that is
 * missing.
 */
function driverOf(capture: Capture): string | undefined {
  const { gpus } = smiTable(capture)
  const said = gpus.flatMap((gpu) => driverVersionIn(textIn(gpu, 'driver_version')) ?? [])
  return said.toSorted(compareVersions)[0] ?? kernelModuleVersion(textOf(capture, 'proc-nvidia-version'))
}

function floor(capture: Capture): Verdict {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const driver = driverOf(capture)
  if (driver === undefined)
    return unknown('the driver version cannot be read', {
      text: 'Check which driver is loaded.',
      command: 'cat /proc/driver/nvidia/version',
    })
  const [oldest, twelve] = cudaFloors as [(typeof cudaFloors)[0], (typeof cudaFloors)[0]]
  const runs = cudaOf(driver)
  if (runs === undefined)
    return {
      severity: 'error',
      says: `driver ${driver} is too old: CUDA ${oldest.cuda} needs ${oldest.driver}. No engine runs on it`,
      fix: update(twelve.driver),
    }
  const needed = installedRuntimes(capture)
    .map((cuda) => cudaFloors.find((each) => each.cuda === cuda || each.cuda.startsWith(`${cuda}.`)))
    .findLast((each) => each !== undefined && compareVersions(driver, each.driver) < 0)
  if (needed !== undefined)
    return {
      severity: 'error',
      says: `driver ${driver} is older than ${needed.driver}, but libcudart of CUDA ${needed.cuda} is installed: programs that use it fail with CUDA error 35`,
      fix: update(needed.driver),
    }
  if (compareVersions(driver, twelve.driver) < 0)
    return {
      severity: 'warning',
      says: `driver ${driver} supports CUDA ${runs}, not 12: libtorch and llama.cpp are built for CUDA 12 and newer`,
      fix: update(twelve.driver),
    }
  const next = cudaFloors.find((each) => compareVersions(driver, each.driver) < 0)
  return {
    severity: 'ok',
    says: `driver ${driver} supports CUDA ${runs}${next === undefined ? '' : `, not ${next.cuda} (needs ${next.driver})`}`,
  }
}

/** Major versions of libcudart that the loader finds, the oldest first. */
const installedRuntimes = (capture: Capture): readonly string[] =>
  [
    ...new Set(
      [...(textOf(capture, 'ldconfig') ?? '').matchAll(/\blibcudart\.so\.(\d{2})\b/g)].map(
        ([, major]) => major!,
      ),
    ),
  ].sort()

function mismatch(capture: Capture): Verdict {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  if (deviceNames(capture).includes('dxg')) return skipped('WSL uses the Windows driver')
  const trouble = smiTroubleIn(
    ['nvidia-smi-query', 'nvidia-smi-list', 'nvidia-smi-details']
      .map((name) => textOf(capture, name) ?? '')
      .join('\n'),
  )
  if (trouble?.id === 'mismatch')
    return { severity: 'error', says: trouble.says, fix: trouble.fix, evidence: [trouble.line] }
  const kernel = kernelModuleVersion(textOf(capture, 'proc-nvidia-version'))
  const { gpus } = smiTable(capture)
  const versions = new Set(gpus.flatMap((gpu) => driverVersionIn(textIn(gpu, 'driver_version')) ?? []))
  const [libraries] = versions
  if (kernel === undefined || libraries === undefined)
    return unknown('the versions of the kernel module and the libraries cannot both be read', {
      text: 'Compare the versions manually.',
      command: 'cat /proc/driver/nvidia/version; nvidia-smi --query-gpu=driver_version --format=csv',
    })
  if (versions.size > 1 || compareVersions(kernel, libraries) !== 0)
    return {
      severity: 'error',
      says: `the kernel module is ${kernel} but nvidia-smi reports ${[...versions].join(', ')}: the driver was updated without a reload`,
      fix: {
        text: 'Reboot, or reload the module once no process uses it.',
        command: 'sudo reboot',
      },
    }
  return { severity: 'ok', says: `kernel module and libraries are both ${kernel}` }
}

function libraries(capture: Capture): Verdict {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const { text, isWhole } = linesRead(capture, 'ldconfig') ?? { text: '', isWhole: false }
  const announced = Number(/^(\d{1,9}) libs found/.exec(text)?.[1] ?? 0)
  if (!isWhole || !text.includes('=>') || text.split('=>').length - 1 < announced)
    return unknown('the libraries of the dynamic loader cannot be listed', {
      text: 'Check that libcuda is installed.',
      command: 'ldconfig -p | grep libcuda',
    })
  const found = text
    .split(/\r\n|\n|\r/, 100_000)
    .filter((line) => /\blibcuda\.so\.1\b/.test(line.slice(0, 500)))
  const wholes = found.filter((line) => !line.includes('/stubs/') && !/\/compat\//.test(line))
  if (found.length === 0)
    return {
      severity: 'error',
      says: 'the loader does not find libcuda.so.1: CUDA programs detect no driver (error 35 or 100)',
      fix: {
        text: 'Install the driver. In a container, enable the compute capability.',
        command: 'docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility IMAGE',
      },
    }
  if (found.some((line) => line.includes('/stubs/')) && wholes.length === 0)
    return {
      severity: 'error',
      says: 'the loader finds only the link-time stub of libcuda.so.1: CUDA programs fail with error 34',
      fix: {
        text: 'Remove the stubs folder from LD_LIBRARY_PATH and ld.so.conf.',
        command: 'grep -r stubs /etc/ld.so.conf.d',
      },
      evidence: found.slice(0, 4).map((line) => line.trim()),
    }
  return {
    severity: 'ok',
    says: `the loader finds libcuda.so.1${found.length > wholes.length && wholes.length > 0 ? ' (and a stub or compatibility copy)' : ''}`,
  }
}

/** libtorch as probed by the environment: the probe reports whether it found a GPU. */
function libtorch(capture: Capture): Verdict {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const tried = factsOf(capture, 'libtorch')
  const version = tried.text('version')
  if (version === undefined) return skipped('libtorch cannot be loaded')
  switch (tried.flag('cuda')) {
    case true:
      return { severity: 'ok', says: `libtorch ${version.slice(0, 40)} detects the GPU` }
    case false:
      return {
        severity: 'note',
        says: `libtorch ${version.slice(0, 40)} uses the CPU only: it was built without CUDA, or CUDA does not start`,
        fix: {
          text: 'To train on the GPU, build the addon against a libtorch with CUDA.',
          command: 'npm run build',
        },
      }
    default:
      return unknown('libtorch reports no GPU state', {
        text: 'Run the environment checks.',
        command: 'hadal doctor environment',
      })
  }
}

export const driverChecks: readonly Check[] = [
  {
    id: 'gpu-driver-floor',
    group: 'gpu',
    title: 'NVIDIA driver',
    reads: ['nvidia-smi-query', 'proc-nvidia-version', 'ldconfig'],
    verdict: floor,
    source: 'CUDA Toolkit Release Notes; CUDA Compatibility, minor version compatibility',
  },
  {
    id: 'gpu-driver-mismatch',
    group: 'gpu',
    title: 'Driver and libraries',
    reads: ['nvidia-smi-query', 'nvidia-smi-list', 'nvidia-smi-details', 'proc-nvidia-version'],
    verdict: mismatch,
    source: 'CUDA Runtime API, cudaErrorSystemDriverMismatch (803)',
  },
  {
    id: 'gpu-libraries',
    group: 'gpu',
    title: 'CUDA libraries',
    reads: ['ldconfig'],
    verdict: libraries,
    source: 'CUDA Runtime API, cudaErrorStubLibrary (34)',
  },
  {
    id: 'gpu-libtorch',
    group: 'gpu',
    title: 'libtorch and the GPU',
    reads: ['libtorch', 'nvidia-smi-query'],
    verdict: libtorch,
  },
]
