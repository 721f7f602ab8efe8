/** nvidia-smi's failure messages, their meaning and remedies. */

import type { Fix } from '../checks/fix.ts'

export interface SmiTrouble {
  readonly id: string
  /** A sentence without its full stop. */
  readonly says: string
  readonly fix: Fix
  /** As nvidia-smi wrote it. */
  readonly line: string
}

interface KnownTrouble {
  readonly id: string
  readonly shows: RegExp
  readonly says: string
  readonly fix: Fix
}

/** The first that matches counts: those that name a cause stand above those that only say that it failed. */
const known: readonly KnownTrouble[] = [
  {
    id: 'mismatch',
    shows: /driver\/library version mismatch/i,
    says: 'the loaded kernel module and the NVIDIA libraries have different versions: the driver was updated without a reload',
    fix: { text: 'Reboot, or reload the module once no process uses it.', command: 'sudo reboot' },
  },
  {
    id: 'lost',
    shows: /GPU is lost|fallen off the bus/i,
    says: 'a GPU fell off the bus: the machine no longer detects it',
    fix: {
      text: 'Reboot the machine. If it happens again, check power, risers and the preceding Xid lines.',
      command: 'sudo dmesg | grep -i -e xid -e "fallen off"',
    },
  },
  {
    id: 'needs-reset',
    shows: /GPU requires reset/i,
    says: 'a GPU must be reset before it can be used',
    fix: { text: 'Stop the processes that use it, then reset it.', command: 'sudo nvidia-smi --gpu-reset' },
  },
  {
    id: 'no-driver',
    shows: /couldn't communicate with the NVIDIA driver|driver not loaded/i,
    says: 'the kernel module of the NVIDIA driver is not loaded',
    fix: {
      text: 'Load it. After a kernel update, rebuild it (DKMS). Secure Boot rejects unsigned modules.',
      command: 'sudo modprobe nvidia && dkms status',
    },
  },
  {
    id: 'no-library',
    shows: /couldn't find libnvidia-ml|libnvidia-ml\.so\S*: cannot open|shared library not found/i,
    says: 'libnvidia-ml.so was not found: the driver is not installed, or not mounted into this container',
    fix: {
      text: 'Install the driver, or start the container with its GPUs.',
      command: 'docker run --rm --gpus all ubuntu nvidia-smi',
    },
  },
  {
    id: 'lost-devices',
    shows: /failed to initialize NVML: unknown error/i,
    says: 'this container lost its GPU devices while running (a systemd reload resets its cgroup)',
    fix: {
      text: 'Restart the container. To prevent it, use the cgroupfs driver, or pass the devices explicitly (--device /dev/nvidia0).',
    },
  },
  {
    id: 'blocked',
    shows: /GPU access blocked by the operating system/i,
    says: 'the operating system blocks GPU access (WSL, or a container without GPUs)',
    fix: { text: 'Update the host driver and pass the GPU to this container (--gpus all).' },
  },
  {
    id: 'forbidden',
    shows: /insufficient permissions|permission denied/i,
    says: 'this account has no permission to query the GPU',
    fix: { text: 'Check the permissions of the device files.', command: 'ls -l /dev/nvidia*' },
  },
  {
    id: 'no-devices',
    shows: /no devices were found/i,
    says: 'the driver is loaded but finds no working GPU',
    fix: {
      text: 'Check the driver log: RmInitAdapter failed, another driver is bound to the GPU, or the GPU is unsupported.',
      command: 'sudo dmesg | grep -i -e nvrm -e nvidia',
    },
  },
  {
    id: 'unknown-field',
    shows: /Field "[^"]{0,80}" is not a valid field to query/i,
    says: 'this driver does not support a requested field',
    fix: { text: 'Update the driver.', command: 'nvidia-smi --help-query-gpu' },
  },
  {
    id: 'failed',
    shows: /NVIDIA-SMI has failed|failed to initialize NVML|unable to determine the device handle/i,
    says: 'nvidia-smi cannot communicate with the driver or a GPU',
    fix: { text: 'Check the driver log.', command: 'sudo dmesg | grep -i -e nvrm -e xid' },
  },
]

export function smiTroubleIn(text: string): SmiTrouble | undefined {
  const lines = text.split(/\r\n|\n|\r/, 10_000).map((line) => line.slice(0, 1000))
  for (const { id, shows, says, fix } of known) {
    const line = lines.find((each) => shows.test(each))
    if (line !== undefined) return { id, says, fix, line: line.trim() }
  }
  return undefined
}
