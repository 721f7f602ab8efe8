/** Sources of GPU checks. Commands have a timeout, because a wedged nvidia-smi never returns. */

import type { Source } from '../../capture/capture.ts'
import { processQuery } from '../../nvidia/gpu-processes.ts'
import { queryOf, remappedRowsQuery, usualQuery } from '../../nvidia/query-fields.ts'

/** Eight GPUs without persistence mode are each woken first. A capture ends after 20 s in all. */
const limitMillis = 12_000

const command = (
  name: string,
  about: string,
  words: readonly string[],
  millis: number = limitMillis,
): Source => ({
  name,
  about,
  read: { kind: 'command', command: words, limitMillis: millis },
})

/** Set names only, and none that can hold a secret. */
const variables = [
  'CUDA_VISIBLE_DEVICES',
  'CUDA_DEVICE_ORDER',
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
]

/** @internal */
export const gpuSources: readonly Source[] = [
  command(
    'uname',
    'The kind of machine: where there is no Linux, nothing of NVIDIA is looked for.',
    ['uname', '-sm'],
    5_000,
  ),
  command(
    'dev-names',
    'Names of devices: /dev/nvidia0, /dev/nvidia-uvm, /dev/kfd.',
    ['ls', '-1', '/dev'],
    5_000,
  ),
  {
    name: 'pci-devices',
    about: 'Devices on the PCI bus, with or without a driver.',
    read: { kind: 'file', path: '/proc/bus/pci/devices', maxBytes: 2 ** 20 },
  },
  {
    name: 'proc-nvidia-version',
    about: "The kernel module of NVIDIA's driver that is loaded.",
    read: { kind: 'file', path: '/proc/driver/nvidia/version', maxBytes: 2 ** 16 },
  },
  {
    name: 'proc-uptime',
    about: 'How long the machine runs: lines of the kernel say seconds since then.',
    read: { kind: 'file', path: '/proc/uptime', maxBytes: 4096 },
  },
  command('nvidia-smi-fields', 'Which fields this driver knows.', ['nvidia-smi', '--help-query-gpu'], 5_000),
  {
    name: 'nvidia-smi-query',
    about: 'Every GPU with its figures, in the fields that the driver knows.',
    read: {
      kind: 'command',
      command: usualQuery,
      limitMillis,
      adapt: { after: 'nvidia-smi-fields', command: queryOf },
    },
  },
  command('nvidia-smi-remapped-rows', 'Rows of memory that are replaced, or wait for it.', remappedRowsQuery),
  command('nvidia-smi-list', 'GPUs and their MIG instances.', ['nvidia-smi', '-L']),
  command('nvidia-smi-apps', 'Processes that hold memory of GPUs, without their names.', processQuery),
  command('nvidia-smi-details', 'Licence of a vGPU, state of the fabric.', ['nvidia-smi', '-q']),
  command('nvidia-smi-p2p', 'Which GPUs can read memory of which.', ['nvidia-smi', 'topo', '-p2p', 'r']),
  command('nvidia-smi-nvlink', 'NVLinks and which of them are down.', ['nvidia-smi', 'nvlink', '--status']),
  command('dmesg', "The kernel's log: Xid lines, the OOM killer.", ['dmesg'], 10_000),
  command(
    'journal-kernel',
    "The kernel's log since the machine started, as the journal kept it.",
    ['journalctl', '--dmesg', '--boot', '--no-pager', '--output=short-unix', '--lines=20000'],
    10_000,
  ),
  command(
    'ldconfig',
    'Which CUDA libraries the loader finds. Accounts that are not root seldom have it in their PATH.',
    ['sh', '-c', 'PATH="$PATH:/usr/sbin:/sbin" exec ldconfig -p'],
    10_000,
  ),
  command(
    'gpu-environment',
    'Variables that hide or give GPUs, and whether this is a container.',
    [
      'sh',
      '-c',
      [
        ...variables.map((name) => `[ -z "\${${name}+set}" ] || echo "${name}=$${name}"`),
        '[ ! -e /.dockerenv ] && [ ! -e /run/.containerenv ] && [ -z "$KUBERNETES_SERVICE_HOST" ] || echo container=yes',
        'true',
      ].join('; '),
    ],
    5_000,
  ),
]
