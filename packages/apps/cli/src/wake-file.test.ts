import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createLogger } from '@hadal/base'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wakeFile, wakeFilePath } from './wake-file.ts'

const onPosix = it.skipIf(process.platform === 'win32')

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'hadal-wakes-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}
function said() {
  const lines: string[] = []
  return { lines, logger: createLogger((_level, message) => lines.push(message)) }
}
const records = [
  { at: 1, wholeMillis: 40_000, startMillis: 30_000 },
  { at: 2, wholeMillis: 50_000 },
]

describe('the file of wakes', () => {
  it('gives the next start what this one wrote', () => {
    const path = wakeFilePath('org/chat:7b', { XDG_STATE_HOME: folder() })
    const { logger, lines } = said()
    expect(wakeFile(path, logger).read()).toEqual([])
    wakeFile(path, logger).write(records)
    expect(wakeFile(path, logger).read()).toEqual(records)
    expect(readdirSync(dirname(path))).toHaveLength(1)
    expect(lines).toEqual([])
  })

  it('that is corrupt is treated as empty, except for valid records', () => {
    const path = join(folder(), 'w.json')
    const { read } = wakeFile(path, said().logger)
    for (const text of ['', 'null', '[]', '{"records":7}', '\0\0', '{"records":[null,{"at":"1"}]}']) {
      writeFileSync(path, text)
      expect(read()).toEqual([])
    }
    const strange = { at: 1, wholeMillis: -5 }
    writeFileSync(path, JSON.stringify({ records: [strange, records[1]] }))
    expect(read()).toEqual([records[1]])
  })

  onPosix('keeps no start waiting, whatever is in its place', () => {
    const made = folder()
    const path = join(made, 'w.json')
    execFileSync('mkfifo', [path])
    expect(wakeFile(path, said().logger).read()).toEqual([])
    expect(wakeFile(made, said().logger).read()).toEqual([])
    writeFileSync(join(made, 'huge.json'), JSON.stringify({ records: new Array(20_000).fill(records[0]) }))
    expect(wakeFile(join(made, 'huge.json'), said().logger).read()).toEqual([])
  })

  it('that cannot be written is said once', () => {
    const file = join(folder(), 'file')
    writeFileSync(file, 'no folder')
    const { logger, lines } = said()
    const memory = wakeFile(join(file, 'w.json'), logger)
    memory.write(records)
    memory.write(records)
    expect(lines).toHaveLength(1)
    expect(readFileSync(file, 'utf8')).toBe('no folder')
  })

  it('has a name of its own for each model', () => {
    const path = (id: string): string => wakeFilePath(id, { HOME: '/home/a' })
    expect(path('a/b')).toMatch(/^\/home\/a\/\.local\/state\/hadal\/wakes\/a-b-[0-9a-f]{8}\.json$/)
    expect(path('a/b')).not.toBe(path('a-b'))
    expect(path('../../etc/passwd')).not.toContain('/etc/')
  })
})
