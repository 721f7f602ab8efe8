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
  command('uname', 'The platform; NVIDIA sources are read only on Linux.', ['uname', '-sm'], 5_000),
  command('dev-names', 'Device files: /dev/nvidia0, /dev/nvidia-uvm, /dev/kfd.', ['ls', '-1', '/dev'], 5_000),
  {
    name: 'pci-devices',
    about: 'Devices on the PCI bus, with or without a driver.',
    read: { kind: 'file', path: '/proc/bus/pci/devices', maxBytes: 2 ** 20 },
  },
  {
    name: 'proc-nvidia-version',
    about: 'The loaded NVIDIA kernel module.',
    read: { kind: 'file', path: '/proc/driver/nvidia/version', maxBytes: 2 ** 16 },
  },
  {
    name: 'proc-uptime',
    about: 'Uptime, because kernel log lines have seconds since boot.',
    read: { kind: 'file', path: '/proc/uptime', maxBytes: 4096 },
  },
  command(
    'nvidia-smi-fields',
    'The query fields that this driver supports.',
    ['nvidia-smi', '--help-query-gpu'],
    5_000,
  ),
  {
    name: 'nvidia-smi-query',
    about: 'Metrics of every GPU, in the fields that the driver supports.',
    read: {
      kind: 'command',
      command: usualQuery,
      limitMillis,
      adapt: { after: 'nvidia-smi-fields', command: queryOf },
    },
  },
  command('nvidia-smi-remapped-rows', 'Remapped memory rows and pending ones.', remappedRowsQuery),
  command('nvidia-smi-list', 'GPUs and their MIG instances.', ['nvidia-smi', '-L']),
  command('nvidia-smi-apps', 'Processes that use GPU memory, without their names.', processQuery),
  command('nvidia-smi-details', 'vGPU license and fabric state.', ['nvidia-smi', '-q']),
  command('nvidia-smi-p2p', 'Peer-to-peer access between GPUs.', ['nvidia-smi', 'topo', '-p2p', 'r']),
  command('nvidia-smi-nvlink', 'NVLinks and their status.', ['nvidia-smi', 'nvlink', '--status']),
  command('dmesg', 'The kernel log: Xid lines and OOM kills.', ['dmesg'], 10_000),
  command(
    'journal-kernel',
    'The kernel log since boot, from the journal.',
    ['journalctl', '--dmesg', '--boot', '--no-pager', '--output=short-unix', '--lines=20000'],
    10_000,
  ),
  command(
    'ldconfig',
    'CUDA libraries that the loader finds. Non-root accounts seldom have ldconfig in their PATH.',
    ['sh', '-c', 'PATH="$PATH:/usr/sbin:/sbin" exec ldconfig -p'],
    10_000,
  ),
  command(
    'gpu-environment',
    'Variables that select GPUs, and whether this is a container.',
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
