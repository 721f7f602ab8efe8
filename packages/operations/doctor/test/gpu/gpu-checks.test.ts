/** What the checks of GPUs say of good, bad and hostile captures: never a crash, and never well of what cannot be read. */

import {
  allSources,
  type Capture,
  type Cause,
  gpuChecks,
  gpuSources,
  type RawReading,
  runChecks,
  type Severity,
} from '@hadal/doctor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs as runsOf } from '../../../../kernel/base/test/slow-tests.ts'
import {
  type Column,
  h100,
  helpOf,
  machine,
  type Row,
  tableOf,
  takenAt,
  withReadings,
  withText,
} from './captures.ts'

/** Stands for a catalogue. */
const xidCause = (xid: number): Cause => ({
  id: `xid_${xid}`,
  family: 'xid',
  title: `Xid ${xid}`,
  severity: 'critical',
  shows: [],
  says: ({ gpu }) => `The GPU at ${gpu} reported Xid ${xid}.`,
  fix: () => ({ text: 'Reset the GPU.', command: 'sudo nvidia-smi --gpu-reset' }),
  source: { title: 'a manual' },
})

const findingsOf = (
  capture: Capture,
  id: string,
): readonly { severity: Severity; says: string; command: string }[] =>
  runChecks(gpuChecks, capture, [xidCause(79), xidCause(94), xidCause(119)])
    .findings.filter((finding) => finding.id === id)
    .map(({ severity, says, fix }) => ({ severity, says, command: fix?.command ?? '' }))

const severitiesOf = (capture: Capture, id: string): Severity[] =>
  findingsOf(capture, id).map(({ severity }) => severity)

const oneGpu = (changes: Partial<Row> = {}): Capture => machine([h100(0, changes)])
const failed = (failed: 'absent' | 'timed-out' | 'exited', detail: string, text?: string): RawReading => ({
  failed,
  detail,
  ...(text === undefined ? {} : { text }),
})
const noGpu = (changes: Readonly<Record<string, RawReading>> = {}): Capture =>
  withReadings(machine([]), {
    'nvidia-smi-query': failed('absent', 'nvidia-smi is not installed'),
    'proc-nvidia-version': failed('absent', 'no such file'),
    'dev-names': { text: 'null\ntty\n' },
    'pci-devices': { text: '0000\t80860d57\t0\t 0\n' },
    ...changes,
  })

/** By what `--help-query-gpu` says. */
function queryCommand(help: string): readonly string[] | undefined {
  const source = gpuSources.find(({ name }) => name === 'nvidia-smi-query')!.read
  return source.kind === 'command' ? source.adapt?.command(help) : undefined
}

/** What tables and logs are made of, and what they are not. */
const character: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...'\n\r\t \u0000\u001B\uFEFF\uD800é°",;:[]()=0'.split('')),
  fc.string({ minLength: 1, maxLength: 1 }),
)

describe('the table of checks', () => {
  it('has ids of its own, and reads what there is', () => {
    const ids = gpuChecks.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const own = gpuSources.map(({ name }) => name)
    expect(new Set(own).size).toBe(own.length)
    const names = allSources.map(({ name }) => name)
    for (const { id, reads } of gpuChecks) for (const name of reads) expect(names, id).toContain(name)
  })

  it('reads every source', () => {
    const read = new Set(gpuChecks.flatMap(({ reads }) => reads))
    for (const { name } of gpuSources) expect(read, name).toContain(name)
  })
})

describe('a machine that is well', () => {
  it('is well, with one GPU and with eight', () => {
    for (const capture of [oneGpu(), machine()])
      for (const { id, severity, says } of runChecks(gpuChecks, capture).findings)
        expect(['ok', 'skipped'], `${id}: ${says}`).toContain(severity)
  })

  it('says the same of eight GPUs once', () => {
    expect(findingsOf(machine(), 'gpu-ecc')).toEqual([
      { severity: 'ok', says: 'GPUs 0-7: no uncorrected memory errors', command: '' },
    ])
  })

  it.each([
    ['Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    ['old Macintosh line ends', (text: string) => text.replaceAll('\n', '\r')],
    ['decimals of a German locale', (text: string) => text.replace(/(\d)\.(\d+ W)/g, '$1,$2')],
    [
      'a quoted name with commas',
      (text: string) => text.replace('NVIDIA H100 80GB HBM3', '"NVIDIA H100, 80GB, HBM3"'),
    ],
    ['blanks at the ends of lines', (text: string) => text.replaceAll('\n', '  \n')],
    [
      'the old names of fields',
      (text: string) => text.replace('clocks_event_reasons.active', 'clocks_throttle_reasons.active'),
    ],
    ['semicolons', (text: string) => text.replaceAll(', ', ';')],
  ])('is read with %s', (_title, change) => {
    const capture = withText(
      machine(),
      'nvidia-smi-query',
      change(tableOf(Array.from({ length: 8 }, (_, at) => h100(at)))),
    )
    for (const { id, severity, says } of runChecks(gpuChecks, capture).findings)
      expect(['ok', 'skipped'], `${id}: ${says}`).toContain(severity)
  })

  it('is read below warnings', () => {
    const warning = 'WARNING: infoROM is corrupted at gpu 0000:3B:00.0'
    const capture = withText(
      machine(),
      'nvidia-smi-query',
      `${warning}\n${tableOf([h100(0), h100(1)])}${warning}\n`,
    )
    expect(severitiesOf(capture, 'gpu-inforom')).toEqual(['warning'])
    expect(findingsOf(capture, 'gpu-ecc')[0]).toMatchObject({
      severity: 'ok',
      says: expect.stringContaining('GPUs 0-1'),
    })
  })
})

describe('machines without NVIDIA', () => {
  it.each([
    ['nobody asked', { version: 1, takenAt, readings: {} } as Capture, 'not run'],
    ['no GPU', noGpu(), 'no NVIDIA GPU'],
    ['Apple', noGpu({ uname: { text: 'Darwin arm64\n' } }), 'Apple'],
    [
      'a program without a GPU',
      noGpu({
        'nvidia-smi-query': failed(
          'exited',
          'exit code 9',
          "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
        ),
      }),
      'no NVIDIA GPU on the PCI bus',
    ],
    ['ROCm', noGpu({ 'dev-names': { text: 'kfd\ndri\n' } }), 'AMD'],
  ])('%s: skipped with a word', (_title, capture, word) => {
    const { findings } = runChecks(gpuChecks, capture)
    expect(findings.map(({ severity }) => severity)).toEqual(findings.map(() => 'skipped'))
    expect(findings[0]?.says).toContain(word)
  })
})

describe('nvidia-smi that cannot say', () => {
  const answers = (
    reading: RawReading,
    more: Readonly<Record<string, RawReading>> = {},
  ): ReturnType<typeof findingsOf> =>
    findingsOf(withReadings(machine(), { 'nvidia-smi-query': reading, ...more }), 'gpu-answers')

  it.each([
    [
      'hangs',
      failed('timed-out', 'no response within 20 s'),
      'error',
      /nvidia-smi does not respond \(no response within 20 s\): the driver or a GPU hangs/,
    ],
    [
      'no module',
      failed(
        'exited',
        'exit code 9',
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
      ),
      'error',
      /not loaded/,
    ],
    [
      'mismatch',
      failed(
        'exited',
        'exit code 18',
        'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.54\n',
      ),
      'error',
      /different versions/,
    ],
    [
      'no devices',
      { text: 'No devices were found\n' },
      'error',
      /the driver is loaded but finds no working GPU/,
    ],
    [
      'lost',
      failed(
        'exited',
        'exit code 15',
        'Unable to determine the device handle for GPU0000:9B:00.0: GPU is lost.  Reboot the system to recover this GPU\n',
      ),
      'error',
      /fell off the bus/,
    ],
    [
      'container',
      failed('exited', 'exit code 255', 'Failed to initialize NVML: Unknown Error\n'),
      'error',
      /this container lost its GPU devices while running \(a systemd reload resets its cgroup\)/,
    ],
    [
      'permissions',
      failed('exited', 'exit code 4', 'Failed to initialize NVML: Insufficient Permissions\n'),
      'error',
      /this account has no permission to query the GPU/,
    ],
    [
      'unknown field',
      failed('exited', 'exit code 2', 'Field "gpu_recovery_action" is not a valid field to query.\n'),
      'unknown',
      /this driver does not support a requested field/,
    ],
    ['other failure', failed('exited', 'exit code 1', 'Bus error\n'), 'unknown', /exit code 1/],
    ['empty', { text: '' }, 'unknown', /could not be parsed/],
    ['without a header', { text: '0, NVIDIA H100, 550.54.15\n' }, 'unknown', /could not be parsed/],
    ['a page of HTML', { text: '<html><body>502</body></html>' }, 'unknown', /could not be parsed/],
  ] as const)('%s', (_title, reading, severity, says) => {
    const [finding] = answers(reading)
    expect(finding).toMatchObject({ severity, says: expect.stringMatching(says) })
  })

  it('makes all that it would have said unknown', () => {
    const capture = withReadings(machine(), {
      'nvidia-smi-query': failed('timed-out', 'no response within 20 s'),
    })
    for (const id of [
      'gpu-ecc',
      'gpu-row-remap',
      'gpu-temperature',
      'gpu-throttling',
      'gpu-memory-held',
      'gpu-nvlink',
    ])
      expect(severitiesOf(capture, id), id).toEqual(['unknown'])
  })

  it('GPUs that are listed and have no line are missed', () => {
    expect(answers({ text: tableOf([h100(0), h100(1)]) }).map(({ says }) => says)).toEqual([
      expect.stringContaining('GPUs 2-7'),
    ])
    const two = tableOf([h100(0), h100(1)])
    const list = { 'nvidia-smi-list': failed('timed-out', 'no end') }
    expect(answers({ text: two }, list).map(({ says }) => says)).toEqual([
      '8 GPUs are on the PCI bus, but nvidia-smi lists 2',
    ])
  })

  it('a line that broke off may have been a GPU', () => {
    const [finding, ...more] = answers(
      { text: `${tableOf([h100(0)])}1, NVIDIA H1` },
      { 'nvidia-smi-list': failed('timed-out', 'no end'), 'pci-devices': failed('absent', 'no file') },
    )
    expect([finding, more]).toEqual([
      {
        severity: 'unknown',
        says: expect.stringContaining(
          'a line of nvidia-smi output could not be parsed: a GPU may be missing here',
        ),
        command: 'nvidia-smi -L',
      },
      [],
    ])
  })

  it('says of a GPU without any figure that nothing is known', () => {
    const nothing = Object.fromEntries(Object.keys(h100(0)).map((name) => [name, '[N/A]'])) as Row
    const report = runChecks(gpuChecks, machine([nothing]))
    expect(findingsOf(machine([nothing]), 'gpu-answers').map(({ severity }) => severity)).toEqual(['unknown'])
    expect(report.worst).toBe('unknown')
  })

  it.each([
    [
      'a container without GPUs',
      {
        'gpu-environment': { text: 'container=yes\n' },
        'pci-devices': { text: '1800\t10de2330\t1a\t 0\tnvidia\n' },
      },
      'warning',
      /the machine has an NVIDIA GPU, but this container has no access to it/,
    ],
    ['nouveau', { 'pci-devices': { text: '1800\t10de2330\t1a\t 0\tnouveau\n' } }, 'warning', /nouveau/],
    ['no driver', { 'pci-devices': { text: '1800\t10de2330\t1a\t 0\n' } }, 'warning', /no driver/],
    [
      'given to virtual machines',
      { 'pci-devices': { text: '1800\t10de2330\t1a\t 0\tvfio-pci\n' } },
      'note',
      /virtual machines/,
    ],
  ] as const)('%s', (_title, changes, severity, says) => {
    expect(findingsOf(noGpu(changes), 'gpu-answers')).toEqual([
      { severity, says: expect.stringMatching(says), command: expect.anything() },
    ])
  })
})

describe('GPUs that are not well', () => {
  it.each<[string, Partial<Row>, Severity, RegExp]>([
    [
      'gpu-ecc',
      { 'ecc.errors.uncorrected.volatile.total': '3' },
      'error',
      /GPU 0: 3 uncorrected memory errors since the driver was loaded: results may be wrong, and/,
    ],
    ['gpu-ecc', { 'ecc.errors.corrected.volatile.total': '4096' }, 'note', /4096 corrected/],
    [
      'gpu-ecc',
      { 'ecc.errors.uncorrected.volatile.total': '[N/A]', 'ecc.mode.current': 'Disabled' },
      'note',
      /ECC is off/,
    ],
    [
      'gpu-row-remap',
      { 'remapped_rows.failure': 'Yes' },
      'error',
      /GPU 0: a faulty memory row could not be remapped/,
    ],
    ['gpu-row-remap', { 'remapped_rows.pending': '1' }, 'warning', /next reset/],
    [
      'gpu-recovery',
      { 'reset_status.reset_required': 'Yes' },
      'error',
      /GPU 0: a reset is required before it can be used/,
    ],
    [
      'gpu-throttling',
      { 'clocks_event_reasons.active': '0x0000000000000048' },
      'warning',
      /because it is too hot$/,
    ],
    ['gpu-throttling', { 'clocks_event_reasons.active': '0x0000000000000080' }, 'warning', /power supply/],
    [
      'gpu-throttling',
      { 'clocks_event_reasons.active': '0x0000000000000004' },
      'note',
      /GPU 0: its clocks are limited: it is at its power limit/,
    ],
    [
      'gpu-throttling',
      { 'clocks_event_reasons.active': '0x0000000000010000' },
      'unknown',
      /GPU 0: the clock throttle reasons has an unexpected value: 0x0000000000010000/,
    ],
    ['gpu-temperature', { 'temperature.gpu': '93' }, 'warning', /93 °C/],
    ['gpu-temperature', { 'temperature.memory': '99' }, 'warning', /memory 99 °C/],
    ['gpu-power-limit', { 'power.limit': '350.00 W' }, 'note', /350 W of 700 W/],
    ['gpu-pcie', { 'pcie.link.width.current': '4', 'utilization.gpu': '80 %' }, 'warning', /4 of 16/],
    [
      'gpu-persistence',
      { persistence_mode: 'Disabled' },
      'note',
      /GPU 0: the driver unloads when no process uses it: each start takes a second or more, and/,
    ],
    ['gpu-mig', { 'mig.mode.current': 'Enabled', 'mig.mode.pending': 'Enabled' }, 'error', /no instance/],
    ['gpu-mig', { 'mig.mode.pending': 'Enabled' }, 'warning', /after a reset/],
    ['gpu-compute-mode', { compute_mode: 'Prohibited' }, 'error', /no process/],
    ['gpu-compute-mode', { compute_mode: 'Exclusive_Process' }, 'note', /error 46/],
    [
      'gpu-driver-floor',
      { driver_version: '470.57' },
      'error',
      /driver 470\.57 is too old: CUDA 11\.4 needs 470\.57\.02\. No engine runs on it/,
    ],
    ['gpu-driver-floor', { driver_version: '510.108.03' }, 'warning', /not 12/],
    [
      'gpu-driver-mismatch',
      { driver_version: '550.90.07' },
      'error',
      /the kernel module is 550\.54\.15 but nvidia-smi reports 550\.90\.07: the driver was updated/,
    ],
    [
      'gpu-memory-held',
      { 'memory.used': '80000 MiB' },
      'warning',
      /GPU 0: 78\.1 GiB of 79\.6 GiB of its memory in use, but no process is visible: it runs in/,
    ],
  ])('%s: %o', (id, changes, severity, says) => {
    expect(findingsOf(oneGpu(changes), id)).toEqual([
      { severity, says: expect.stringMatching(says), command: expect.anything() },
    ])
  })

  it('names the one of eight, and calls the others well', () => {
    const rows = Array.from({ length: 8 }, (_, at) =>
      h100(at, at === 5 ? { 'remapped_rows.failure': 'Yes' } : {}),
    )
    expect(findingsOf(machine(rows), 'gpu-row-remap').map(({ says }) => says.slice(0, 16))).toEqual([
      expect.stringContaining('GPU 5:'),
      expect.stringContaining('GPUs 0-4, 6-7:'),
    ])
  })

  it('reads remapped rows from their own query when the driver reports them nowhere else', () => {
    const uuid = h100(0).uuid
    const capture = withText(
      withText(oneGpu(), 'nvidia-smi-query', `index, name, uuid\n0, NVIDIA A100, ${uuid}\n`),
      'nvidia-smi-fields',
      helpOf(['index', 'name', 'uuid']),
    )
    const rows = (line: string): Severity[] =>
      severitiesOf(
        withText(
          capture,
          'nvidia-smi-remapped-rows',
          `gpu_uuid, remapped_rows.pending, remapped_rows.failure\n${line}\n`,
        ),
        'gpu-row-remap',
      )
    expect(rows(`${uuid}, No, Yes`)).toEqual(['error'])
    expect(rows(`${uuid}, Yes, No`)).toEqual(['warning'])
    expect(rows(`${uuid}, No, No`)).toEqual(['ok'])
    expect(rows(`${uuid}, [N/A], [N/A]`)).toEqual(['skipped'])
    for (const line of ['', `${uuid}, No`, `${uuid}, No, ERR!`, 'GPU-other, No, No', 'x'])
      expect(rows(line), line).toEqual(['unknown'])
  })

  it.each([
    ['None', 'ok'],
    ['Reset', 'error'],
    ['Drain and Reset', 'warning'],
    ['Reboot', 'error'],
    ['ERR!', 'unknown'],
    ['[N/A]', 'ok'],
  ])('of newer drivers: asks for %s', (action, severity) => {
    const [head, row] = tableOf([h100(0)]).split('\n')
    const text = `${head!.replace(', uuid', ', gpu_recovery_action, uuid')}\n${row!.replace(', GPU-', `, ${action}, GPU-`)}\n`
    expect(severitiesOf(withText(oneGpu(), 'nvidia-smi-query', text), 'gpu-recovery')).toEqual([severity])
  })

  it('knows the floors of CUDA 11.4, 12 and 13', () => {
    const runs = (driver_version: string): string =>
      findingsOf(oneGpu({ driver_version }), 'gpu-driver-floor')[0]!.says
    expect(runs('470.57.02')).toContain('supports CUDA 11.4')
    expect(runs('524.99')).toContain('supports CUDA 11.4')
    expect(runs('525.60.13')).toContain('supports CUDA 12, not 13')
    expect(runs('580.65.06')).toBe('driver 580.65.06 supports CUDA 13')
  })

  it('holds the driver against the CUDA that is installed', () => {
    const ldconfig = 'x => y\n\tlibcudart.so.13 (libc6,x86-64) => /usr/local/cuda-13/lib64/libcudart.so.13\n'
    expect(findingsOf(withText(oneGpu(), 'ldconfig', ldconfig), 'gpu-driver-floor')[0]).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('older than 580'),
    })
  })

  it('report the processes that hold memory', () => {
    const apps = `gpu_uuid, pid, used_gpu_memory [MiB]\n${h100(0).uuid}, 4242, 61000 MiB\n`
    const capture = withText(oneGpu({ 'memory.used': '61500 MiB' }), 'nvidia-smi-apps', apps)
    expect(findingsOf(capture, 'gpu-memory-held')).toEqual([
      {
        severity: 'note',
        says: expect.stringMatching(/60\.1 GiB of 79\.6 GiB.*process 4242/),
        command: 'ps -o pid,user,etime,comm -p 4242',
      },
    ])
    const cut = withText(oneGpu({ 'memory.used': '61500 MiB' }), 'nvidia-smi-apps', '')
    expect(severitiesOf(cut, 'gpu-memory-held')).toEqual(['unknown'])
  })

  it('counts instances of a divided GPU', () => {
    const list = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: ${h100(0).uuid})\n  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)\n  MIG 3g.20gb     Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)\n`
    const capture = withText(
      oneGpu({ 'mig.mode.current': 'Enabled', 'mig.mode.pending': 'Enabled' }),
      'nvidia-smi-list',
      list,
    )
    expect(findingsOf(capture, 'gpu-mig')[0]).toMatchObject({
      severity: 'note',
      says: expect.stringContaining('2 instances (2 x 3g.20gb)'),
    })
  })

  it.each([
    ['Unlicensed', 'error'],
    ['Unlicensed (Unrestricted)', 'warning'],
    ['Licensed (Expiry: 2025-10-19 6:51:17 GMT)', 'ok'],
    ['Nobody knows', 'unknown'],
  ])('a virtual GPU that is %s', (status, severity) => {
    const details = `GPU 00000000:00:10.0\n    GPU Virtualization Mode\n        Virtualization Mode               : VGPU\n    vGPU Software Licensed Product\n        Product Name                      : NVIDIA RTX Virtual Workstation\n        License Status                    : ${status}\n    GPU Reset Status\n        Reset Required                    : N/A\n    Processes                             : None\n`
    expect(severitiesOf(withText(oneGpu(), 'nvidia-smi-details', details), 'gpu-licence')).toEqual([severity])
  })

  it('all-inactive NVLinks are reported although nvidia-smi lists none', () => {
    const said = 'NVML: Unable to retrieve NVLink information as all links are inActive\n'
    const list = (machine().readings['nvidia-smi-list'] as { text: string }).text.replaceAll(
      '\n',
      `\n${said}`,
    )
    expect(severitiesOf(withText(machine(), 'nvidia-smi-nvlink', list), 'gpu-nvlink')).toEqual(['note'])
  })

  it('sees links that are down and a fabric that is not ready', () => {
    const capture = machine()
    const links = (capture.readings['nvidia-smi-nvlink'] as { text: string }).text.replace(
      'Link 3: 26.562 GB/s',
      'Link 3: <inactive>',
    )
    expect(findingsOf(withText(capture, 'nvidia-smi-nvlink', links), 'gpu-nvlink')[0]).toMatchObject({
      severity: 'warning',
      says: 'GPU 0 has 17 NVLinks up, another GPU has 18',
    })
    const peers = (capture.readings['nvidia-smi-p2p'] as { text: string }).text.replace('OK', 'CNS')
    expect(findingsOf(withText(capture, 'nvidia-smi-p2p', peers), 'gpu-peer-access')[0]).toMatchObject({
      severity: 'note',
      says: expect.stringContaining('GPU 0 to GPU 1'),
    })
    const details = (capture.readings['nvidia-smi-details'] as { text: string }).text.replace(
      ': Completed',
      ': In Progress',
    )
    expect(severitiesOf(withText(capture, 'nvidia-smi-details', details), 'gpu-fabric')).toEqual(['error'])
  })

  it.each([
    ['CUDA_VISIBLE_DEVICES=\n', 'warning'],
    ['CUDA_VISIBLE_DEVICES=-1\n', 'warning'],
    ['CUDA_VISIBLE_DEVICES=0,9\n', 'error'],
    ['CUDA_VISIBLE_DEVICES=0,1\n', 'ok'],
    ['CUDA_VISIBLE_DEVICES=all\n', 'error'],
    ['CUDA_VISIBLE_DEVICES=0,cuda:1\n', 'error'],
    ['CUDA_VISIBLE_DEVICES=0;1\n', 'error'],
    ['CUDA_VISIBLE_DEVICES=0,-1,2\n', 'warning'],
    ['CUDA_VISIBLE_DEVICES=1,1\n', 'error'],
    [`CUDA_VISIBLE_DEVICES=${h100(3).uuid}\n`, 'ok'],
    [`CUDA_VISIBLE_DEVICES=${h100(3).uuid.slice(0, -1)}\n`, 'ok'],
    ['CUDA_VISIBLE_DEVICES=GPU-00000000-d33d-2b2c-524d-9e3d8d2b8a70\n', 'error'],
    ['CUDA_VISIBLE_DEVICES=MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f\n', 'ok'],
    ['CUDA_VISIBLE_DEVICES=MIG-GPU-e91edf3b-b297-37c1-a2a7-7601c3238fa2/1/0\n', 'ok'],
    ['NVIDIA_VISIBLE_DEVICES=void\n', 'warning'],
  ])('%j', (text, severity) => {
    expect(severitiesOf(withText(machine(), 'gpu-environment', text), 'gpu-visible')).toEqual([severity])
  })

  it('which GPUs may be used is not known where nvidia-smi names none', () => {
    const capture = withReadings(withText(machine(), 'gpu-environment', 'CUDA_VISIBLE_DEVICES=7\n'), {
      'nvidia-smi-query': failed('timed-out', 'no end within 12 s'),
    })
    expect(severitiesOf(capture, 'gpu-visible')).toEqual(['unknown'])
  })

  it.each(['temperature.memory'] as const)('%s that fails makes the temperature unknown', (field) => {
    expect(severitiesOf(oneGpu({ [field]: 'ERR!' }), 'gpu-temperature')).toEqual(['unknown'])
    expect(severitiesOf(oneGpu({ [field]: '[N/A]' }), 'gpu-temperature')).toEqual(['ok'])
  })

  it('an ambiguous thousands separator makes the check unknown', () => {
    expect(severitiesOf(oneGpu({ 'memory.used': '60,500 MiB' }), 'gpu-memory-held')).toEqual(['unknown'])
  })

  it('misses /dev/nvidia-uvm', () => {
    expect(
      findingsOf(withText(oneGpu(), 'dev-names', 'nvidia0\nnvidiactl\n'), 'gpu-devices')[0],
    ).toMatchObject({ severity: 'error', says: expect.stringContaining('/dev/nvidia-uvm is missing') })
  })

  it.each([
    ['{"version":"2.6.0","cuda":true}', 'ok'],
    ['{"version":"2.6.0","cuda":false}', 'note'],
    ['{"version":"2.6.0"}', 'unknown'],
    ['{"fault":"no addon"}', 'skipped'],
    ['no JSON', 'skipped'],
  ])('libtorch that says %s', (text, severity) => {
    expect(severitiesOf(withText(oneGpu(), 'libtorch', text), 'gpu-libtorch')).toEqual([severity])
  })

  it('sees a stub in place of libcuda', () => {
    const stub = '\tlibcuda.so.1 (libc6,x86-64) => /usr/local/cuda/lib64/stubs/libcuda.so.1\n'
    expect(severitiesOf(withText(oneGpu(), 'ldconfig', stub), 'gpu-libraries')).toEqual(['error'])
    expect(
      severitiesOf(withText(oneGpu(), 'ldconfig', '1 libs\n\tlibz.so => /lib/libz.so\n'), 'gpu-libraries'),
    ).toEqual(['error'])
  })
})

describe('Xid lines', () => {
  const xids = (
    dmesg: RawReading,
    journal: RawReading = failed('absent', 'no journal'),
  ): ReturnType<typeof findingsOf> =>
    findingsOf(withReadings(machine(), { dmesg, 'journal-kernel': journal }), 'gpu-xid')

  it('names the GPU, how often, how long ago, and what to do', () => {
    const text = [
      '[    1.000000] Linux version 6.1.0',
      '[85800.000000] NVRM: Xid (PCI:0000:28:00): 119, pid=2024380, name=python3, Timeout after 6s of waiting for RPC response from GPU1 GSP!',
      '[86100.000000] NVRM: Xid (PCI:0000:28:00): 119, pid=2024380, name=python3, Timeout after 6s of waiting for RPC response from GPU1 GSP!',
      '',
    ].join('\n')
    const [finding] = xids({ text })
    expect(finding).toMatchObject({
      severity: 'error',
      says: expect.stringMatching(/^GPU 1, 2 times, last 5m 0s ago: .*Xid 119/),
    })
    expect(finding!.command).not.toBe('')
  })

  it.each(['GPU-I:05', 'GPU-I:05 GPU-CI:02'])('of MIG instances count, too: %s', (instance) => {
    const line = `[  100.2] NVRM: Xid (PCI:0000:18:00 ${instance}): 94, pid=7194, Contained: CE User Channel (0x9). RST: No, D-RST: No\n`
    const [found] = findingsOf(withText(machine(), 'dmesg', line), 'gpu-xid')
    expect(found?.severity).not.toBe('ok')
    expect(found?.says).toContain('GPU 0')
  })

  it('of the journal count where dmesg may not be read', () => {
    const journal =
      "1741089000.000000 host kernel: NVRM: Xid (PCI:0000:18:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.\n"
    expect(
      xids(failed('exited', 'exit code 1', 'dmesg: read kernel buffer failed: Operation not permitted\n'), {
        text: journal,
      })[0],
    ).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('Xid 79'),
    })
  })

  it('are unknown, not absent, when the kernel log is not readable', () => {
    expect(
      xids(failed('exited', 'exit code 1', 'dmesg: read kernel buffer failed: Operation not permitted\n'))[0]
        ?.severity,
    ).toBe('unknown')
    expect(xids({ text: '' })[0]?.severity).toBe('unknown')
    expect(xids({ text: '[    1.0] Linux version 6.1\n', isCut: true })[0]?.severity).toBe('unknown')
    expect(xids({ text: '-- No entries --\n' })[0]?.severity).toBe('unknown')
  })

  it('are reported without a catalogue too', () => {
    const text = '[    1.0] NVRM: Xid (PCI:0000:18:00): 79, pid=1, GPU has fallen off the bus.\n'
    const { findings } = runChecks(gpuChecks, withText(machine(), 'dmesg', text))
    expect(findings.find(({ id }) => id === 'gpu-xid')).toMatchObject({
      severity: 'warning',
      says: expect.stringContaining('GPU has fallen off the bus'),
    })
  })

  it('with numbers missing from the catalogue are reported too', () => {
    expect(xids({ text: '[    1.0] NVRM: Xid (PCI:0000:18:00): 999, something new\n' })[0]).toMatchObject({
      severity: 'warning',
      says: expect.stringContaining('something new'),
    })
  })
})

/** Which checks go by a field. */
const readers: readonly (readonly [Column, string])[] = [
  ['ecc.errors.uncorrected.volatile.total', 'gpu-ecc'],
  ['remapped_rows.failure', 'gpu-row-remap'],
  ['remapped_rows.pending', 'gpu-row-remap'],
  ['reset_status.reset_required', 'gpu-recovery'],
  ['clocks_event_reasons.active', 'gpu-throttling'],
  ['temperature.gpu', 'gpu-temperature'],
  ['power.limit', 'gpu-power-limit'],
  ['power.default_limit', 'gpu-power-limit'],
  ['pcie.link.width.current', 'gpu-pcie'],
  ['persistence_mode', 'gpu-persistence'],
  ['mig.mode.current', 'gpu-mig'],
  ['compute_mode', 'gpu-compute-mode'],
  ['memory.used', 'gpu-memory-held'],
  ['memory.total', 'gpu-memory-held'],
]

describe('whatever a capture holds', () => {
  it.each(readers)('%s that cannot be read is not well', (field, id) => {
    for (const said of [
      '[N/A]',
      '[Not Supported]',
      'ERR!',
      '[Unknown Error]',
      '[GPU is lost]',
      '[GPU requires reset]',
      '',
      '???',
      'NaN',
      '-1',
      '99999999999999999999',
      'Kein',
      '0x',
      'No such',
    ])
      expect(severitiesOf(oneGpu({ [field]: said }), id), said).not.toContain('ok')
  })

  it.each(readers)('%s that the driver fails to say is unknown', (field, id) => {
    for (const said of ['ERR!', '[Unknown Error]', '[GPU is lost]'])
      expect(severitiesOf(oneGpu({ [field]: said }), id), said).toEqual(['unknown'])
  })

  it('an error in a truncated table is found, or a check is unknown', () => {
    const rows = Array.from({ length: 3 }, (_, at) =>
      h100(at, at === 2 ? { 'remapped_rows.failure': 'Yes' } : {}),
    )
    const text = tableOf(rows)
    const judges = gpuChecks.filter(({ id }) => id === 'gpu-row-remap' || id === 'gpu-answers')
    for (let length = 0; length < text.length - 1; length++) {
      const { findings } = runChecks(
        judges,
        withText(machine(rows), 'nvidia-smi-query', text.slice(0, length)),
      )
      const isSeen = findings.some(({ id, severity }) => id === 'gpu-row-remap' && severity === 'error')
      const isDoubted = findings.some(({ id, severity }) => id === 'gpu-answers' && severity !== 'ok')
      expect(isSeen || isDoubted, text.slice(0, length)).toBe(true)
    }
  })

  const said: fc.Arbitrary<string> = fc.oneof(
    fc.string({ unit: character, maxLength: 200 }),
    fc.constantFrom(
      '',
      '[N/A]\n',
      'ERR!',
      'No devices were found\n',
      '\u0000',
      '\r\n\r\n',
      '"',
      ', , ,\n',
      'index, uuid\n,\n',
      'GPU 0:\n  Link 0:',
      '[1.0] NVRM: Xid (PCI:0000:9b:00): 13',
    ),
  )
  const reading: fc.Arbitrary<RawReading> = fc.oneof(
    fc.record({ text: said }),
    fc.record({ text: said, isCut: fc.boolean() }),
    fc.record({
      failed: fc.constantFrom('absent', 'refused', 'timed-out', 'exited', 'unreadable'),
      detail: said,
      text: said,
    }),
  ) as fc.Arbitrary<RawReading>

  it('no check throws, and each finding says something and what to do', () => {
    const names = gpuSources.map(({ name }) => name)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), reading), (changes) => {
        for (const { id, severity, says, fix } of runChecks(gpuChecks, withReadings(machine(), changes))
          .findings) {
          expect(says, id).not.toMatch(/the check itself failed/)
          expect(says, id).not.toBe('')
          if (severity !== 'ok' && severity !== 'skipped') expect(fix?.text, `${id}: ${says}`).toBeTruthy()
        }
      }),
      { numRuns: runsOf(30, 120) },
    )
  })

  it('a corrupted row never hides an error in another row', () => {
    const rows = [h100(0), h100(1, { 'ecc.errors.uncorrected.volatile.total': '2' })]
    const lines = tableOf(rows).split('\n')
    fc.assert(
      fc.property(fc.nat({ max: lines[1]!.length - 1 }), fc.string({ maxLength: 3 }), (at, put) => {
        const changed = lines.with(
          1,
          lines[1]!.slice(0, at) + put.replaceAll('\n', '') + lines[1]!.slice(at + 1),
        )
        const found = findingsOf(withText(machine(rows), 'nvidia-smi-query', changed.join('\n')), 'gpu-ecc')
        expect(found.some(({ severity, says }) => severity === 'error' && says.startsWith('GPU 1'))).toBe(
          true,
        )
      }),
      { numRuns: runsOf(30, 120) },
    )
  })

  it('huge texts are read in linear time: one that is not would not end here', () => {
    const floods = ['x, ', '\n', '\n ', ' ', '[', '\t', '"', 'GPU0 ', 'Xid ', ' : ', '0x'].map((text) =>
      text.repeat(500_000 / text.length),
    )
    const names = [
      'nvidia-smi-query',
      'nvidia-smi-details',
      'nvidia-smi-list',
      'nvidia-smi-apps',
      'nvidia-smi-p2p',
      'nvidia-smi-nvlink',
      'nvidia-smi-fields',
      'dmesg',
      'ldconfig',
      'pci-devices',
    ]
    for (const flood of floods) {
      const changes = Object.fromEntries(names.map((name) => [name, { text: `${flood}x` }]))
      expect(runChecks(gpuChecks, withReadings(machine(), changes)).worst).not.toBe('ok')
      expect(queryCommand(`${flood}x`)).toBeUndefined()
    }
  })
})

it('a table of thousands of GPUs ends, and those beyond what a machine has are said not to be read', () => {
  const [, head, rest] = /^([^\n]*\n)([\s\S]*)$/.exec(tableOf([h100(0)]))!
  const rows = Array.from({ length: 4_000 }, (_, at) => rest!.replace(/^0/, String(at))).join('')
  const remapped = `gpu_uuid, remapped_rows.pending\n${`${h100(0).uuid}, No\n`.repeat(4_000)}`
  const capture = withText(
    withText(
      withText(machine(), 'nvidia-smi-query', `${head}${rows}`),
      'nvidia-smi-fields',
      helpOf(['index']),
    ),
    'nvidia-smi-remapped-rows',
    remapped,
  )
  expect(findingsOf(capture, 'gpu-answers').map(({ says }) => says)).toContainEqual(
    expect.stringContaining('could not be parsed'),
  )
  expect(runChecks(gpuChecks, capture).worst).not.toBe('ok')
})

describe('the queried fields', () => {
  it('are those that the driver knows, by its names', () => {
    const query = queryCommand(helpOf(['index', 'name', 'clocks_throttle_reasons.active', 'uuid']))
    expect(query).toEqual([
      'nvidia-smi',
      '--query-gpu=index,name,clocks_throttle_reasons.active,uuid',
      '--format=csv',
    ])
    expect(queryCommand(helpOf())![1]).toContain('clocks_event_reasons.active')
    expect(queryCommand(helpOf())![1]).not.toContain('gpu_recovery_action')
  })

  it('are the usual ones where the help says nothing', () => {
    for (const help of ['', 'Invalid argument', '"quotes" "in" prose\n'])
      expect(queryCommand(help)).toBeUndefined()
  })
})
