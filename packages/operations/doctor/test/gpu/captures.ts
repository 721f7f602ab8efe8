/** Captures of machines with GPUs, as nvidia-smi and the kernel write them: good ones, from which tests make bad ones. */

import type { Capture, RawReading } from '@hadal/doctor'

const columns = [
  ['index', ''],
  ['name', ''],
  ['driver_version', ''],
  ['pci.bus_id', ''],
  ['compute_cap', ''],
  ['compute_mode', ''],
  ['persistence_mode', ''],
  ['mig.mode.current', ''],
  ['mig.mode.pending', ''],
  ['memory.total', ' [MiB]'],
  ['memory.used', ' [MiB]'],
  ['utilization.gpu', ' [%]'],
  ['temperature.gpu', ''],
  ['temperature.memory', ''],
  ['power.draw', ' [W]'],
  ['power.limit', ' [W]'],
  ['power.default_limit', ' [W]'],
  ['ecc.mode.current', ''],
  ['ecc.errors.uncorrected.volatile.total', ''],
  ['ecc.errors.corrected.volatile.total', ''],
  ['remapped_rows.uncorrectable', ''],
  ['remapped_rows.pending', ''],
  ['remapped_rows.failure', ''],
  ['reset_status.reset_required', ''],
  ['clocks_event_reasons.active', ''],
  ['pcie.link.width.current', ''],
  ['pcie.link.width.max', ''],
  ['uuid', ''],
] as const

export type Column = (typeof columns)[number][0]
export type Row = Readonly<Record<Column, string>>

export const uuidOf = (index: number): string =>
  `GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a7${index.toString(16)}`

export const h100 = (index: number, changes: Partial<Row> = {}): Row => ({
  index: String(index),
  name: 'NVIDIA H100 80GB HBM3',
  driver_version: '550.54.15',
  'pci.bus_id': `00000000:${(0x18 + index * 16).toString(16).padStart(2, '0').toUpperCase()}:00.0`,
  compute_cap: '9.0',
  compute_mode: 'Default',
  persistence_mode: 'Enabled',
  'mig.mode.current': 'Disabled',
  'mig.mode.pending': 'Disabled',
  'memory.total': '81559 MiB',
  'memory.used': '0 MiB',
  'utilization.gpu': '0 %',
  'temperature.gpu': '34',
  'temperature.memory': '44',
  'power.draw': '71.54 W',
  'power.limit': '700.00 W',
  'power.default_limit': '700.00 W',
  'ecc.mode.current': 'Enabled',
  'ecc.errors.uncorrected.volatile.total': '0',
  'ecc.errors.corrected.volatile.total': '0',
  'remapped_rows.uncorrectable': '0',
  'remapped_rows.pending': 'No',
  'remapped_rows.failure': 'No',
  'reset_status.reset_required': 'No',
  'clocks_event_reasons.active': '0x0000000000000001',
  'pcie.link.width.current': '16',
  'pcie.link.width.max': '16',
  uuid: uuidOf(index),
  ...changes,
})

export const tableOf = (rows: readonly Row[], lineEnd = '\n'): string =>
  [
    columns.map(([name, unit]) => `${name}${unit}`).join(', '),
    ...rows.map((row) => columns.map(([name]) => row[name]).join(', ')),
    '',
  ].join(lineEnd)

/** As drivers from 530 on print it. */
export const helpOf = (names: readonly string[] = columns.map(([name]) => name)): string =>
  [
    'List of valid properties to query for the switch "--query-gpu":',
    '',
    ...names.flatMap((name) => [
      name === 'clocks_event_reasons.active' ? `"${name}" or "clocks_throttle_reasons.active"` : `"${name}"`,
      'A word in "quotes" is no field.',
      '',
    ]),
  ].join('\n')

export const takenAt: number = Date.UTC(2025, 2, 4, 12)

/** Eight H100s, idle, with all that can be read of them. */
export function machine(
  rows: readonly Row[] = Array.from({ length: 8 }, (_, index) => h100(index)),
): Capture {
  const many = rows.length > 1
  const peers = rows.map(({ index }) => [
    ` GPU${index}`,
    ...rows.map((other) => (other.index === index ? 'X' : 'OK')),
  ])
  const texts: Record<string, string> = {
    uname: 'Linux x86_64\n',
    'dev-names': ['null', ...rows.map((_, at) => `nvidia${at}`), 'nvidiactl', 'nvidia-uvm', 'tty', ''].join(
      '\n',
    ),
    'pci-devices': rows
      .map((_, at) => `${(0x18 + at * 16).toString(16)}00\t10de2330\t1a\t 0\t 0\t 0\t 0\tnvidia\n`)
      .join(''),
    'proc-nvidia-version':
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version:  gcc version 12.2.0\n',
    'proc-uptime': '86400.00 1000000.00\n',
    'nvidia-smi-fields': helpOf(),
    'nvidia-smi-query': tableOf(rows),
    'nvidia-smi-remapped-rows': [
      'gpu_uuid, remapped_rows.uncorrectable, remapped_rows.pending, remapped_rows.failure',
      ...rows.map((row) =>
        [
          row.uuid,
          row['remapped_rows.uncorrectable'],
          row['remapped_rows.pending'],
          row['remapped_rows.failure'],
        ].join(', '),
      ),
      '',
    ].join('\n'),
    'nvidia-smi-list': rows
      .map(({ index, name, uuid }) => `GPU ${index}: ${name} (UUID: ${uuid})\n`)
      .join(''),
    'nvidia-smi-apps': 'gpu_uuid, pid, used_gpu_memory [MiB]\n',
    'nvidia-smi-details': rows
      .map(
        (row) =>
          `GPU ${row['pci.bus_id']}\n    Product Name                          : ${row.name}\n    GPU Virtualization Mode\n        Virtualization Mode               : None\n    Fabric\n        State                             : Completed\n        Status                            : Success\n    Processes                             : None\n`,
      )
      .join(''),
    'nvidia-smi-p2p': many
      ? [
          `\t${rows.map(({ index }) => `GPU${index}`).join('\t')}`,
          ...peers.map((row) => row.join('\t')),
          '',
          'Legend:',
          '  OK  = Status Ok',
          '',
        ].join('\n')
      : '',
    'nvidia-smi-nvlink': many
      ? rows
          .map(
            ({ index, name, uuid }) =>
              `GPU ${index}: ${name} (UUID: ${uuid})\n${Array.from({ length: 18 }, (_, link) => `\t Link ${link}: 26.562 GB/s\n`).join('')}`,
          )
          .join('')
      : '',
    dmesg:
      '[    0.000000] Linux version 6.1.0\n[   12.100000] nvidia: loading out-of-tree module taints kernel.\n',
    'journal-kernel': '1741003200.000000 host kernel: Linux version 6.1.0\n',
    ldconfig: '1 libs found in cache\n\tlibcuda.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libcuda.so.1\n',
    'gpu-environment': '\n',
  }
  return {
    version: 1,
    takenAt,
    readings: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { text }])),
  }
}

export const withReadings = (capture: Capture, changes: Readonly<Record<string, RawReading>>): Capture => ({
  ...capture,
  readings: { ...capture.readings, ...changes },
})

export const withText = (capture: Capture, name: string, text: string): Capture =>
  withReadings(capture, { [name]: { text } })
