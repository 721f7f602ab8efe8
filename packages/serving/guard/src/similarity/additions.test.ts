import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { appendAddition, type LearnedAttack, parseAddition, readAdditions } from './additions.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-additions-'))
afterAll(() => rmSync(folder, { recursive: true }))

const attack = (id: string, text = `text of ${id}`): LearnedAttack => ({
  id,
  text,
  language: 'en',
  source: 'learned',
  at: 1,
})

describe('additions', () => {
  it('are kept in order, and forgotten ones are gone until they are learned again', () => {
    const path = join(folder, 'order.jsonl')
    expect(readAdditions(path)).toEqual({ learned: [], forgotten: new Set(), damaged: [] })
    for (const id of ['a', 'b']) appendAddition(path, { learned: attack(id) })
    appendAddition(path, { forgotten: 'a', at: 2 })
    appendAddition(path, { forgotten: 'shipped', at: 2 })
    expect(readAdditions(path)).toEqual({
      learned: [attack('b')],
      forgotten: new Set(['a', 'shipped']),
      damaged: [],
    })
    appendAddition(path, { learned: attack('a') })
    expect(readAdditions(path).learned.map(({ id }) => id)).toEqual(['b', 'a'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('name lines that are damaged, and go on after one that was cut short', () => {
    const path = join(folder, 'torn.jsonl')
    appendAddition(path, { learned: attack('a') })
    appendFileSync(path, '{"id":"b","text":"cut sh')
    appendAddition(path, { learned: attack('c') })
    expect(readAdditions(path)).toEqual({
      learned: [attack('a'), attack('c')],
      forgotten: new Set(),
      damaged: [`${path}:2`],
    })
  })

  it('are read or named, whatever a line says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        const addition = parseAddition(line)
        if (addition !== undefined)
          expect('forgotten' in addition || typeof addition.learned.text === 'string').toBe(true)
      }),
    )
    for (const line of [
      'null',
      '[]',
      '{"at":1}',
      '{"id":"a","text":"b","source":"c","language":"fr","at":1}',
    ])
      expect(parseAddition(line)).toBeUndefined()
    const path = join(folder, 'noise.jsonl')
    writeFileSync(path, Buffer.from([255, 254, 10, 0, 10, 123, 10]))
    expect(readAdditions(path).damaged).toHaveLength(3)
  })

  it('reported as written survive a kill in the middle of learning', async () => {
    const path = join(folder, 'killed.jsonl')
    const program = `
      import { appendAddition } from ${JSON.stringify(new URL('additions.ts', import.meta.url).href)}
      for (let at = 0; ; at += 1) {
        const learned = { id: String(at), text: 'x'.repeat(5000), language: 'en', source: 'learned', at }
        appendAddition(${JSON.stringify(path)}, { learned })
        process.stdout.write(at + '\\n')
      }`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (bytes) => {
        said += bytes
        if (said.split('\n').length > 20) child.kill('SIGKILL')
      })
      child.on('close', () => resolve())
    })
    const reported = said.split('\n').slice(0, -1).map(Number)
    const { learned, damaged } = readAdditions(path)
    expect(reported.length).toBeGreaterThanOrEqual(20)
    expect(learned.length).toBeGreaterThanOrEqual(reported.length)
    expect(damaged.length).toBeLessThanOrEqual(1)
    appendAddition(path, { learned: attack('after') })
    expect(readAdditions(path).learned.at(-1)).toEqual(attack('after'))
  })
})
