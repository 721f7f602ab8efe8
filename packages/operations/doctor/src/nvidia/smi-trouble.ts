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
    says: 'the loaded kernel module and the NVIDIA libraries are of different versions: the driver was updated and not reloaded',
    fix: { text: 'Restart the machine, or unload the module once nothing uses it.', command: 'sudo reboot' },
  },
  {
    id: 'lost',
    shows: /GPU is lost|fallen off the bus/i,
    says: 'a GPU fell off the bus: the machine does not see it any more',
    fix: {
      text: 'Restart the machine. Where it comes back: look at power, risers and the Xid lines before it.',
      command: 'sudo dmesg | grep -i -e xid -e "fallen off"',
    },
  },
  {
    id: 'needs-reset',
    shows: /GPU requires reset/i,
    says: 'a GPU has to be reset before anything computes on it',
    fix: { text: 'End what uses it, then reset it.', command: 'sudo nvidia-smi --gpu-reset' },
  },
  {
    id: 'no-driver',
    shows: /couldn't communicate with the NVIDIA driver|driver not loaded/i,
    says: 'the kernel module of the NVIDIA driver is not loaded',
    fix: {
      text: 'Load it. After an update of the kernel it has to be built for the new one (DKMS); Secure Boot refuses unsigned ones.',
      command: 'sudo modprobe nvidia && dkms status',
    },
  },
  {
    id: 'no-library',
    shows: /couldn't find libnvidia-ml|libnvidia-ml\.so\S*: cannot open|shared library not found/i,
    says: 'libnvidia-ml.so is not to be found: the driver is not installed, or not given to this container',
    fix: {
      text: 'Install the driver, or start the container with its GPUs.',
      command: 'docker run --rm --gpus all ubuntu nvidia-smi',
    },
  },
  {
    id: 'lost-devices',
    shows: /failed to initialize NVML: unknown error/i,
    says: 'the GPU devices were taken from this container while it ran (a reload of systemd does that to its cgroup)',
    fix: {
      text: 'Start the container again. For good: the cgroupfs driver, or devices named explicitly (--device /dev/nvidia0).',
    },
  },
  {
    id: 'blocked',
    shows: /GPU access blocked by the operating system/i,
    says: 'the operating system lets nothing at the GPU (WSL, a container without GPUs)',
    fix: { text: 'Update the driver of the host and give the GPU to this container (--gpus all).' },
  },
  {
    id: 'forbidden',
    shows: /insufficient permissions|permission denied/i,
    says: 'this account may not ask the GPU',
    fix: { text: 'See who may open the devices.', command: 'ls -l /dev/nvidia*' },
  },
  {
    id: 'no-devices',
    shows: /no devices were found/i,
    says: 'the driver is loaded and finds no GPU that works',
    fix: {
      text: 'See why the driver did not take it: RmInitAdapter failed, another driver holds it, or it does not support it.',
      command: 'sudo dmesg | grep -i -e nvrm -e nvidia',
    },
  },
  {
    id: 'unknown-field',
    shows: /Field "[^"]{0,80}" is not a valid field to query/i,
    says: 'this driver does not know a field that it was asked for',
    fix: { text: 'Update the driver.', command: 'nvidia-smi --help-query-gpu' },
  },
  {
    id: 'failed',
    shows: /NVIDIA-SMI has failed|failed to initialize NVML|unable to determine the device handle/i,
    says: 'nvidia-smi cannot talk to the driver or to a GPU',
    fix: { text: 'See what the driver says.', command: 'sudo dmesg | grep -i -e nvrm -e xid' },
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
