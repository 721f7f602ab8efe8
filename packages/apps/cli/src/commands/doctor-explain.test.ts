import { execFileSync, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Explanation } from '@hadal/doctor'
import { readLogFile } from '@hadal/probes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'
import { doctorExplain } from './doctor-explain.ts'

const onPosix = it.skipIf(process.platform === 'win32')

const xid =
  '[  122.000000] NVRM: Xid (PCI:0000:9b:00): 79, pid=7, name=python3, GPU has fallen off the bus.\n'
const failed = '2026-11-29T14:02:09.000Z RuntimeError: CUDA error: unspecified launch failure\n'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-explain-'))
  terminal = recordingTerminal({ folder, columns: 80 })
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string | Uint8Array): string => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
  return path
}

const run = async (...args: string[]): Promise<number> => {
  terminal.printed.length = terminal.noted.length = 0
  return main(['doctor', 'explain', ...args], terminal)
}
const explained = async (...args: string[]): Promise<Explanation> => {
  await run(...args, '--json')
  return JSON.parse(terminal.printed.join('\n')) as Explanation
}

async function* pieces(...all: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* all
}

describe('hadal doctor explain', () => {
  it('says one cause of several files, what it brought about, and when', async () => {
    write('train.log', failed)
    write('dmesg.txt', `[    1.500000] audit: type=2000 audit(1795960800.500:1): state=initialized\n${xid}`)
    expect(await run('train.log', 'dmesg.txt')).toBe(5)
    const said = terminal.printed.join('\n')
    expect(said).toMatch(/^critical {2}Xid 79/)
    expect(said).toContain('dmesg.txt:2')
    expect(said).toMatch(/Consequences\n {2}error .*719/)
    expect(said.indexOf('14:02:01.000')).toBeGreaterThan(said.indexOf('Timeline'))
    expect(said.indexOf('14:02:09.000')).toBeGreaterThan(said.indexOf('14:02:01.000'))
    for (const line of said.split('\n').filter((each) => !each.includes('http')))
      expect(line.length).toBeLessThanOrEqual(80)
  })

  it('keeps to the columns where paths are long', async () => {
    const name = `${'a'.repeat(70)}.log`
    await run(write(name, `${failed}Back-off restarting failed container engine\n`.repeat(12)))
    const said = terminal.printed.join('\n')
    expect(said).toMatch(/ {2}…a{10,}\.log:\d+, 12 times$/m)
    expect(said.slice(said.indexOf('Consequences')).split('\n')[1]!.length).toBeLessThanOrEqual(80)
  })

  it('ends with a code by how bad it is', async () => {
    expect(await run(write('error', failed))).toBe(4)
    expect(await run(write('fine', 'all is well\n'))).toBe(0)
    expect(terminal.printed.join('\n')).toContain('nothing found')
    expect(await run(write('odd', 'ERROR: the flux capacitor failed\n'))).toBe(6)
    expect(terminal.printed.join('\n')).toMatch(
      /^unknown(?:.*\n)* {2}odd:1 {2}ERROR: the flux capacitor failed/,
    )
  })

  it('does not say that all is well where there is nothing to read', async () => {
    expect(await run(write('nothing', '\n'))).toBe(6)
    expect(await run(write('program', Buffer.from([127, 69, 76, 70, 2, 1, 1, 0, 0, 0, 0])))).toBe(6)
    expect(terminal.printed.join('\n')).toMatch(/^unknown {2}No text to explain/)
    expect(await run(write('nothing', '\n'), write('fine', 'all is well\n'))).toBe(0)
  })

  it('reads what gzip packed, also where its end is missing, and UTF-16', async () => {
    write('a.gz', gzipSync(xid))
    expect((await explained('a.gz')).cause?.id).toBe('xid_79')
    const long = Array.from({ length: 3000 }, (_, index) => `line ${index * 7919} of a log\n`).join('')
    write('torn.gz', gzipSync(failed + long).subarray(0, -200))
    expect((await explained('torn.gz')).cause?.id).toBe('cuda_launch_failed')
    write('wide.log', Buffer.from(`\ufeff${xid}`, 'utf16le'))
    expect((await explained('wide.log')).cause?.id).toBe('xid_79')
  })

  it('reads folders, and what is in them once', async () => {
    write('logs/b/train.log', failed)
    write('logs/a.txt', 'fine\n')
    write('logs/weights.gguf', xid)
    const { cause, read } = await explained('logs', 'logs')
    expect(cause?.evidence[0]?.file).toBe('logs/b/train.log')
    expect(read.map((each) => each.split(':')[0])).toEqual(['logs/a.txt', 'logs/b/train.log'])
  })

  it('explains a capture of another machine', async () => {
    const capture = {
      version: 1,
      takenAt: 1_795_961_000_000,
      readings: {
        dmesg: { text: xid },
        'proc-uptime': { text: '200.00 100.00' },
        other: { failed: 'absent', detail: 'x' },
      },
    }
    write('theirs.json', JSON.stringify(capture))
    for (const args of [['theirs.json'], ['--fixture', 'theirs.json']]) {
      const { cause } = await explained(...args)
      expect(cause).toMatchObject({ id: 'xid_79', firstAt: 1_795_961_000_000 - 78_000 })
      expect(cause?.evidence[0]?.file).toBe('theirs.json#dmesg')
    }
    write('log', xid)
    expect(await run('--fixture', 'log')).toBe(2)
    expect(terminal.noted.join('\n')).toContain('explain_no_capture')
  })

  it('reads standard input to its end, and no terminal', async () => {
    expect(await doctorExplain(['-'], {}, terminal, pieces('fi', 'ne\n', failed))).toBe(4)
    expect(terminal.printed.join('\n')).toContain('stdin:2')
    expect(await doctorExplain(['-'], {}, terminal, pieces(gzipSync(xid)))).toBe(5)
    expect(await doctorExplain(['-'], {}, terminal, pieces())).toBe(6)
    const keyboard = Object.assign(pieces(), { isTTY: true })
    await expect(doctorExplain(['-'], {}, terminal, keyboard)).rejects.toMatchObject({
      code: 'explain_terminal',
    })
  })

  it('says what it cannot read, and why', async () => {
    write('packed.zst', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]))
    mkdirSync(join(folder, 'empty'))
    for (const [path, why] of [
      ['packed.zst', 'it is compressed with zstd'],
      ['nowhere.log', 'ENOENT'],
      ['empty', 'it contains no text files'],
      ['/dev/zero', 'it is neither a file nor a pipe'],
    ] as const) {
      expect(await run(path)).toBe(1)
      expect(terminal.noted.join('\n')).toContain('explain_unreadable')
      expect(terminal.noted.join('\n')).toContain(why)
    }
    expect(await run()).toBe(2)
    expect(terminal.noted.join('\n')).toContain('error[usage]')
  })

  it('writes nothing to a terminal that moves its cursor', async () => {
    await run(write('evil\u202e.log', `\u001b[2J${failed.trim()} \u009b2J \u001b]0;x\u0007\u202e\n`))
    expect(terminal.printed.join('\n')).toContain('719')
    expect(terminal.printed.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })
})

describe('readLogFile', () => {
  it('reads the end of what is longer, from the beginning of a line', async () => {
    write('long.log', `${'a line of text\n'.repeat(1000)}last\n`)
    const { text, isCut } = await readLogFile(join(folder, 'long.log'), 'long.log', { maxBytes: 100 })
    expect(isCut).toBe(true)
    expect(text).toMatch(/^(?:a line of text\n){6}last\n$/)
    write('long.gz', gzipSync(`${'a line of text\n'.repeat(100_000)}last\n`))
    const packed = await readLogFile(join(folder, 'long.gz'), 'long.gz', { maxBytes: 100 })
    expect(packed.text).toMatch(/^(?:a line of text\n){6}last\n$/)
  })

  onPosix('reads a pipe, and waits for none that nobody writes to', async () => {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    await expect(readLogFile(path, 'pipe', { maxBytes: 100, silenceMillis: 20 })).rejects.toMatchObject({
      code: 'explain_unreadable',
    })
    const reading = readLogFile(path, 'pipe', { maxBytes: 1000 })
    const writer = spawn('sh', ['-c', 'printf "one\\n"; sleep 0.05; printf "two\\n"'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    writer.stdout.pipe(createWriteStream(path))
    expect((await reading).text).toBe('one\ntwo\n')
  })
})
