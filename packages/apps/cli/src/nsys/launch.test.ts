/** A command under a fake nsys, which is a shell script that writes down how it was called. */

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Terminal } from '@hadal/output'
import { findNsys, runUnderNsys } from '@hadal/profiling'
import Sqlite from 'better-sqlite3'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { profileUnderNsys } from '../commands/profile-nsys.ts'
import { train } from '../commands/train.ts'
import { main } from '../main.ts'

let folder: string
let terminal: Terminal & ReturnType<typeof recordingTerminal>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nsys-launch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const own = recordingTerminal()
  terminal = { ...own, folder, env: { PATH: join(folder, 'bin') } } as typeof terminal
})

/** `copies`: the report that it leaves. */
function fakeNsys(script: string): void {
  mkdirSync(join(folder, 'bin'))
  const path = join(folder, 'bin', 'nsys')
  writeFileSync(
    path,
    `#!/bin/sh
for argument; do echo "$argument"; done > "${folder}/called"
for argument; do case "$argument" in --output=*) base="\${argument#--output=}";; esac; done
${script}
`,
  )
  chmodSync(path, 0o755)
}

const called = (): string[] => readFileSync(join(folder, 'called'), 'utf8').trimEnd().split('\n')

function writeReport(): string {
  const path = join(folder, 'made.sqlite')
  const database = new Sqlite(path)
  database.exec(
    `CREATE TABLE NVTX_EVENTS (start INTEGER, end INTEGER, eventType INTEGER, text TEXT, textId INTEGER, globalTid INTEGER);
     INSERT INTO NVTX_EVENTS VALUES (1000, 9000000, 59, 'ProfilerStep#1', NULL, 7)`,
  )
  database.close()
  return path
}

describe('nsys', () => {
  it('is looked for on the PATH, and said where it is not', () => {
    expect(() => findNsys({ env: {} })).toThrow(expect.objectContaining({ code: 'nsys_missing' }))
    fakeNsys('')
    expect(findNsys(terminal)).toBe(join(folder, 'bin', 'nsys'))
    chmodSync(join(folder, 'bin', 'nsys'), 0o644)
    expect(() => findNsys(terminal)).toThrow(expect.objectContaining({ code: 'nsys_missing' }))
  })

  it('runs a command and leaves a report in SQLite', async () => {
    fakeNsys(`: > "$base.sqlite"`)
    const { code, report } = await runUnderNsys(['node', 'program.js', '--flag'], 'seen', terminal)
    expect([code, report]).toEqual([0, join(folder, 'seen.sqlite')])
    expect(called()).toEqual([
      'profile',
      '--trace=cuda,nvtx',
      '--sample=none',
      '--cpuctxsw=none',
      '--export=sqlite',
      '--force-overwrite=true',
      `--output=${join(folder, 'seen')}`,
      'node',
      'program.js',
      '--flag',
    ])
  })

  it('that leaves no report is an error, and a stale report is not used', async () => {
    writeFileSync(join(folder, 'seen.sqlite'), 'of yesterday')
    fakeNsys('')
    await expect(runUnderNsys(['x'], 'seen', terminal)).rejects.toMatchObject({ code: 'nsys_no_report' })
  })

  it('hands on how the command ended', async () => {
    fakeNsys('exit 3')
    expect(await profileUnderNsys(['x'], {}, terminal)).toBe(3)
    expect(terminal.printed).toEqual([])
  })

  it('is reported like any other profile', async () => {
    const made = writeReport()
    fakeNsys(`cp "${made}" "$base.sqlite"`)
    expect(await profileUnderNsys(['x'], {}, terminal)).toBe(0)
    expect(terminal.printed.join('\n')).toContain('a step')
    expect(readFileSync(join(folder, 'hadal-nsys.profile.html'), 'utf8')).toContain('step 1')
    expect(JSON.parse(readFileSync(join(folder, 'hadal-nsys.profile.json'), 'utf8')).traceEvents).not.toEqual(
      [],
    )
  })
})

describe('hadal profile --nsys', () => {
  it('runs any command under nsys', async () => {
    const made = writeReport()
    fakeNsys(`cp "${made}" "$base.sqlite"`)
    const html = join(folder, 'seen.html')
    expect(
      await main(['profile', '--nsys', '--html', html, '--', 'node', 'x.js', '--html', 'y'], terminal),
    ).toBe(0)
    expect(called().slice(7)).toEqual(['node', 'x.js', '--html', 'y'])
    expect(readFileSync(html, 'utf8')).toContain('step 1')
  })

  it('is required to run a command', async () => {
    expect(await main(['profile', 'run', 'other'], terminal)).toBe(2)
    expect(terminal.noted.join('\n')).toContain('one thing is shown at a time, not other as well')
  })

  it('shows a report as it is', async () => {
    expect(await main(['profile', writeReport()], terminal)).toBe(0)
    expect(terminal.printed.join('\n')).toContain('a step')
  })
})

describe('hadal train --nsys', () => {
  it('runs the recipe under nsys, without the flag', async () => {
    const made = writeReport()
    fakeNsys(`cp "${made}" "$base.sqlite"`)
    writeFileSync(join(folder, 'run.ts'), 'export default {}')
    expect(await train('run.ts', ['--nsys', '--dry-run', '--', '--nsys'], terminal)).toBe(0)
    const command = called().slice(7)
    expect(command[0]).toBe(process.execPath)
    expect(command.slice(-4)).toEqual([join(folder, 'run.ts'), '--dry-run', '--', '--nsys'])
  })

  it('is of one process', async () => {
    writeFileSync(join(folder, 'run.ts'), 'export default {}')
    await expect(train('run.ts', ['--nsys', '--nproc', '2'], terminal)).rejects.toMatchObject({
      code: 'usage',
    })
  })

  it('says that there is no nsys', async () => {
    writeFileSync(join(folder, 'run.ts'), 'export default {}')
    await expect(train('run.ts', ['--nsys'], terminal)).rejects.toMatchObject({ code: 'nsys_missing' })
  })
})
