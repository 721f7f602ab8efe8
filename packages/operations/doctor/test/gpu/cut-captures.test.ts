/** Output of nvidia-smi and the loader, cut at every position: never a false error, and never healthy for what was cut away. */

import { type Capture, gpuChecks, type RawReading, runChecks, type Severity } from '@hadal/doctor'
import { describe, expect, it } from 'vitest'
import { h100, machine, type Row, withReadings } from './captures.ts'

const count = 3
const all = [0, 1, 2]
const machineOf = (changes: Partial<Row> = {}): Capture => machine(all.map((index) => h100(index, changes)))

interface Details {
  readonly mode?: string
  readonly licence?: string
  readonly state?: string
}
/** As `nvidia-smi -q` of driver 550 has it, without most of its sections. */
const detailsOf = (of: (index: number) => Details): string =>
  `\n==============NVSMI LOG==============\n\nDriver Version                            : 550.54.15\nCUDA Version                              : 12.4\n\nAttached GPUs                             : ${count}\n${all
    .map((index) => {
      const { mode = 'None', licence, state = 'Completed' } = of(index)
      return `GPU ${h100(index)['pci.bus_id']}
    Product Name                          : NVIDIA H100 80GB HBM3
    GPU Virtualization Mode
        Virtualization Mode               : ${mode}
        Host VGPU Mode                    : N/A
${licence === undefined ? '' : `    vGPU Software Licensed Product\n        Product Name                      : NVIDIA Virtual Compute Server\n        License Status                    : ${licence}\n`}    Fabric
        State                             : ${state}
        Status                            : ${state === 'Completed' ? 'Success' : 'N/A'}
    Processes                             : None
`
    })
    .join('\n')}`

const linksOf = (up: (index: number) => number): string =>
  all
    .map(
      (index) =>
        `GPU ${index}: NVIDIA H100 80GB HBM3 (UUID: ${h100(index).uuid})\n${Array.from({ length: 18 }, (_, link) => `\t Link ${link}: ${link < up(index) ? '26.562 GB/s' : '<inactive>'}\n`).join('')}`,
    )
    .join('')

const instancesOf = (profiles: (index: number) => readonly string[]): string =>
  all
    .map(
      (index) =>
        `GPU ${index}: NVIDIA H100 80GB HBM3 (UUID: ${h100(index).uuid})\n${profiles(index)
          .map(
            (profile, at) =>
              `  MIG ${profile}     Device  ${at}: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-${at})\n`,
          )
          .join('')}`,
    )
    .join('')

const divided = { 'mig.mode.current': 'Enabled', 'mig.mode.pending': 'Enabled' }
const three = ['1g.10gb', '1g.10gb', '2g.20gb']
const isLast = (index: number): boolean => index === count - 1
const virtual = (licence: string): Details => ({ mode: 'VGPU', licence, state: 'N/A' })
const libraries =
  "2 libs found in cache `/etc/ld.so.cache'\n\tlibcudart.so.12 (libc6,x86-64) => /usr/lib/libcudart.so.12\n\tlibcuda.so.1 (libc6,x86-64) => /usr/lib/libcuda.so.1\n"

const cases: readonly [string, string, Capture, string, string, Severity][] = [
  ['a fabric', 'nvidia-smi-details', machineOf(), detailsOf(() => ({})), 'gpu-fabric', 'ok'],
  [
    'a fabric that one waits for',
    'nvidia-smi-details',
    machineOf(),
    detailsOf((index) => (isLast(index) ? { state: 'In Progress' } : {})),
    'gpu-fabric',
    'error',
  ],
  [
    'no fabric',
    'nvidia-smi-details',
    machineOf(),
    detailsOf(() => ({ state: 'N/A' })),
    'gpu-fabric',
    'skipped',
  ],
  [
    'licences',
    'nvidia-smi-details',
    machineOf(),
    detailsOf(() => virtual('Licensed (Expiry: 2027-9-20 1:2:3 GMT)')),
    'gpu-licence',
    'ok',
  ],
  [
    'a licence that one has not',
    'nvidia-smi-details',
    machineOf(),
    detailsOf((index) => virtual(isLast(index) ? 'Unlicensed (Restricted)' : 'Licensed')),
    'gpu-licence',
    'error',
  ],
  ['links', 'nvidia-smi-nvlink', machineOf(), linksOf(() => 18), 'gpu-nvlink', 'ok'],
  [
    'links that one lacks',
    'nvidia-smi-nvlink',
    machineOf(),
    linksOf((index) => (isLast(index) ? 5 : 18)),
    'gpu-nvlink',
    'warning',
  ],
  ['instances', 'nvidia-smi-list', machineOf(divided), instancesOf(() => three), 'gpu-mig', 'note'],
  ['libraries', 'ldconfig', machineOf(), libraries, 'gpu-libraries', 'ok'],
]

const howCut: readonly [string, (text: string) => RawReading][] = [
  ['cut while it was saved', (text) => ({ text })],
  ['too long', (text) => ({ text, isCut: true })],
  ['ended by its limit', (text) => ({ failed: 'timed-out', detail: 'no end within 12 s', text })],
]

const severitiesOf = (capture: Capture, id: string): ReadonlySet<Severity> =>
  new Set(
    runChecks(
      gpuChecks.filter((check) => check.id === id),
      capture,
    ).findings.map(({ severity }) => severity),
  )

describe.each(cases)('%s of %s', (_what, source, capture, text, id, severity) => {
  it('is reported when complete', () => {
    expect([...severitiesOf(withReadings(capture, { [source]: { text } }), id)]).toContain(severity)
  })

  it.each(howCut)('is what it is or unknown where the text is %s', (_how, cut) => {
    for (let length = 0; length < text.length - 1; length++) {
      // A list of instances has no end by which one sees that it ended.
      if (id === 'gpu-mig' && text[length - 1] === '\n' && text.slice(0, length).includes('GPU 2')) continue
      const found = severitiesOf(withReadings(capture, { [source]: cut(text.slice(0, length)) }), id)
      const isIssue = severity === 'error' || severity === 'warning'
      // Verdicts of single GPUs may be reported for those that were read, alongside what is unknown of others.
      expect(found.has('unknown') || (isIssue && found.has(severity)), text.slice(0, length)).toBe(true)
      if (!isIssue) expect(found.has('error') || found.has('warning'), text.slice(0, length)).toBe(false)
    }
  })
})

it('a table of GPUs that was cut is no GPU that the driver does not know', () => {
  const [head, first, ...rest] = (machineOf().readings['nvidia-smi-query'] as { text: string }).text.split(
    '\n',
  )
  const capture = withReadings(machineOf(), { 'nvidia-smi-query': { text: `${head}\n${first}\n` } })
  expect(rest.length).toBeGreaterThan(1)
  expect([...severitiesOf(capture, 'gpu-answers')]).toEqual(['unknown'])
  // It is not known to be alone, either.
  expect([...severitiesOf(capture, 'gpu-nvlink')]).not.toContain('skipped')
  expect([...severitiesOf(capture, 'gpu-peer-access')]).not.toContain('skipped')
  const half = withReadings(machineOf(), { 'nvidia-smi-query': { text: `${head}\n${first}\n0, NV` } })
  expect([...severitiesOf(half, 'gpu-peer-access')]).not.toContain('skipped')
})
