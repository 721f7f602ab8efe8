import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { physicalCores } from './physical-cores.ts'

const machine = (siblings: readonly string[]) => {
  const root = mkdtempSync(join(tmpdir(), 'hadal-cores-'))
  for (const [cpu, list] of siblings.entries()) {
    mkdirSync(join(root, `cpu${cpu}`, 'topology'), { recursive: true })
    writeFileSync(join(root, `cpu${cpu}`, 'topology', 'thread_siblings_list'), `${list}\n`)
  }
  mkdirSync(join(root, 'cpufreq'))
  const cores = physicalCores(root)
  rmSync(root, { recursive: true })
  return cores
}

it('counts two threads on one core once', () => {
  expect(machine(['0-1', '0-1'])).toBe(1)
})

it('counts no more than this process may use', () => {
  const many = Array.from({ length: 1000 }, (_, cpu) => String(cpu))
  expect(machine(many)).toBeLessThanOrEqual(availableParallelism())
})

it('does not know where the system does not say', () => {
  expect(machine([])).toBeUndefined()
  expect(physicalCores('/nowhere')).toBeUndefined()
})
