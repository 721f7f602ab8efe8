/** `hadal doctor gpu` with a fake nvidia-smi. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { h100, machine } from '../../../operations/doctor/test/gpu/captures.ts'
import { main } from '../src/main.ts'
import { recordingTerminal } from './recording-terminal.ts'

const onPosix = it.skipIf(process.platform === 'win32')

let folder = ''
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Rejects unknown queries like nvidia-smi, with nothing else in the output. */
const program = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> asked
case "$1" in
  --help-query-gpu) cat nvidia-smi-fields ;;
  --query-gpu=*gpu_recovery_action*) echo 'Field "gpu_recovery_action" is not a valid field to query.'; exit 2 ;;
  --query-gpu=*) cat nvidia-smi-query ;;
  -L) cat nvidia-smi-list ;;
  --query-compute-apps=*) cat nvidia-smi-apps ;;
  -q) cat nvidia-smi-details ;;
  topo) cat nvidia-smi-p2p ;;
  nvlink) cat nvidia-smi-nvlink ;;
esac
`

async function doctor(...args: string[]): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), 'hadal-nvidia-'))
  const { readings } = machine([h100(0), h100(1, { 'remapped_rows.pending': 'Yes' })])
  for (const [name, { text = '' }] of Object.entries(readings))
    if (name.startsWith('nvidia-smi')) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'nvidia-smi'), program)
  chmodSync(join(folder, 'nvidia-smi'), 0o755)
  const terminal = recordingTerminal({ folder, env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder } })
  await main(['doctor', 'gpu', ...args], terminal)
  return terminal.printed.join('\n')
}

onPosix('asks only for fields that the driver knows, and judges what it says', async () => {
  const printed = await doctor('--json')
  const findings: { id: string; severity: string; says: string }[] = JSON.parse(printed).findings
  const of = (id: string): unknown[] =>
    findings.filter((each) => each.id === id).map(({ severity, says }) => [severity, says])
  expect(of('gpu-row-remap')).toEqual([
    ['warning', expect.stringContaining('GPU 1: a faulty memory row')],
    ['ok', expect.stringContaining('GPU 0: ')],
  ])
  expect(of('gpu-nvlink')).toEqual([['ok', 'all 18 NVLinks of each GPU are up']])
  const requested = readFileSync(join(folder, 'asked'), 'utf8')
  expect(requested).toContain('remapped_rows.pending')
  expect(requested).not.toContain('gpu_recovery_action')
})
