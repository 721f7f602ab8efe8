import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { silentLogger } from '@hadal/base'
import type { JobDetail, JobEvent, JobKind } from '@hadal/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { JobKindEntry } from './job-kind.ts'
import { type OpenJobs, openJobs } from './open-jobs.ts'

/** A program in place of `hadal`: quick to start, and as bad as is wanted. */
const program = (script: string) => ({ path: 'job', execArgv: ['-e', script] })

function open(script: string, entry: Partial<JobKindEntry> = {}): OpenJobs {
  const plain: JobKindEntry = {
    output: 'text',
    parse: (value) => ({ ok: true, value, unknown: [] }),
    command: () => ({ args: [] }),
  }
  const kinds: Partial<Record<JobKind, JobKindEntry>> = Object.fromEntries(
    ['tune', 'doctor', 'guard-eval', 'guard-learn'].map((kind) => [kind, { ...plain, ...entry }]),
  )
  const jobs = openJobs({
    shared: { settingArgs: ['--model', 'nano'], configArgs: [] },
    url: () => 'http://127.0.0.1:1',
    env: process.env,
    folder: tmpdir(),
    logger: silentLogger,
    program: program(script),
    graceMillis: 200,
    maxRemembered: 2,
    kinds,
  })
  onTestFinished(() => jobs[Symbol.asyncDispose]())
  return jobs
}

async function ended(jobs: OpenJobs, id: string): Promise<JobDetail> {
  await expect.poll(() => jobs.find(id)?.endedAt).toBeDefined()
  return jobs.find(id)!
}

const run = async (jobs: OpenJobs, options: object = {}): Promise<JobDetail> =>
  ended(jobs, (await jobs.start('tune', options)).id)

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const forEver = 'setInterval(() => {}, 1000)'

describe('jobs', () => {
  it('say what they say, without what steers terminals and without passwords', async () => {
    const jobs = open(
      String.raw`console.log('\u001b[31mred\u001b[0m\u0007'); console.error('at postgres://me:word@host/db'); process.stdout.write('last')`,
    )
    const job = await run(jobs)
    expect(job).toMatchObject({ state: 'done', exitCode: 0 })
    expect([...job.lines].sort()).toEqual(['at postgres://me:hidden@host/db', 'last', 'red'])
  })

  it('show no password of their options', async () => {
    const job = await run(open(''), { at: 'http://me:word@host/', many: ['http://h/?token=abc'], keys: 3 })
    expect(job.options).toEqual({ at: 'http://me:hidden@host/', many: ['http://h/?token=hidden'], keys: 3 })
  })

  it('parse progress lines as JSON, and log any other line', async () => {
    const jobs = open(`console.log('{"a":1}\\nnote\\n{"a":'); console.log('{"a":2}')`, { output: 'progress' })
    const events: JobEvent[] = []
    const { id } = await jobs.start('tune', {})
    using _ = jobs.follow(id, (event) => events.push(event))
    const job = await ended(jobs, id)
    expect(job.progress).toEqual([{ a: 1 }, { a: 2 }])
    expect(job.lines).toEqual(['note', '{"a":'])
    expect(events.at(-1)).toEqual({ type: 'ended', job })
    expect(events.filter(({ type }) => type !== 'ended')).toHaveLength(4)
  })

  it('have a result: standard output, or a file that is gone afterwards', async () => {
    const printed = await run(open(`console.log(JSON.stringify({ x: 1 }))`, { output: 'result' }))
    expect(printed).toMatchObject({ state: 'done', result: { x: 1 }, lines: [] })

    let path = ''
    const script = `const fs = require('fs'); const [, , out, given] = process.argv
      fs.writeFileSync(out, JSON.stringify({ read: fs.readFileSync(given, 'utf8') }))`
    const written = await run(
      open(script, {
        command: (_, context) => {
          path = context.path('result.json')
          return {
            args: [path, context.path('in.txt')],
            files: { 'in.txt': 'hello' },
            resultFile: 'result.json',
          }
        },
      }),
    )
    expect(written).toMatchObject({ state: 'done', result: { read: 'hello' } })
    expect(written.command).toBe('hadal result.json in.txt')
    expect(existsSync(path)).toBe(false)
  })

  it('receive long texts on standard input, hidden from the command and the options', async () => {
    const script = `process.stdin.setEncoding('utf8').on('data', (text) => console.log('got ' + text.length))`
    const entry: Partial<JobKindEntry> = {
      hiddenOptions: ['text'],
      command: (options) => ({ args: ['learn', "it's"], input: (options as { text: string }).text }),
    }
    const job = await run(open(script, entry), { text: 'a secret attack', id: 'x' })
    expect(job).toMatchObject({ lines: ['got 15'], options: { id: 'x' }, command: `hadal learn 'it'\\''s'` })
    expect(JSON.stringify(job)).not.toContain('secret')
  })

  it('keep the end of what is long, and the beginning of a line that does not end', async () => {
    const job = await run(
      open(`for (let i = 0; i < 5000; i++) console.log('line ' + i); process.stdout.write('x'.repeat(3e6))`),
    )
    expect(job.lines).toHaveLength(2000)
    expect(job.lines.at(-2)).toBe('line 4999')
    expect(job.lines.at(-1)).toHaveLength(2000)
  })

  it('fail with the words of the command', async () => {
    const job = await run(
      open(
        `console.error('error[usage]: no such flag\\n  --x\\n    at main (main.ts:1:1)\\nhelp: look'); process.exitCode = 2`,
      ),
    )
    expect(job).toMatchObject({
      state: 'failed',
      exitCode: 2,
      error: { code: 'usage', message: 'no such flag\n  --x', help: 'look' },
    })
  })

  it.each([
    ['process.exitCode = 7', 'job_ended', 'tune ended with exit code 7'],
    [`process.kill(process.pid, 'SIGKILL')`, 'job_ended', 'tune was ended by SIGKILL'],
  ])('fail without words: %s', async (script, code, message) => {
    expect(await run(open(script))).toMatchObject({ state: 'failed', error: { code, message } })
  })

  it('fail where what they found cannot be read', async () => {
    const job = await run(open(`console.log('{"half":')`, { output: 'result' }))
    expect(job).toMatchObject({ state: 'failed', error: { code: 'job_unreadable' } })
  })

  it('are done with whatever exit codes their kind says', async () => {
    const job = await run(
      open(`console.log('[]'); process.exitCode = 4`, { output: 'result', doneCodes: [0, 4] }),
    )
    expect(job).toMatchObject({ state: 'done', exitCode: 4, result: [] })
  })

  it('run once of a kind, and few at a time', async () => {
    const jobs = open(forEver)
    const { id } = await jobs.start('tune', {})
    await expect(jobs.start('tune', {})).rejects.toMatchObject({ code: 'job_running' })
    await jobs.start('doctor', {})
    await jobs.start('guard-eval', {})
    await expect(jobs.start('guard-learn', {})).rejects.toMatchObject({ code: 'jobs_full' })
    expect(await jobs.cancel(id)).toMatchObject({ state: 'cancelled' })
    await jobs.start('guard-learn', {})
    expect(jobs.list().map(({ kind }) => kind)).toEqual(['guard-learn', 'guard-eval', 'doctor'])
  })

  it('are killed with their child processes on cancellation, even if they ignore SIGTERM', async () => {
    const stubborn = `process.on('SIGTERM', () => {})
      const child = require('child_process').spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); ${forEver}"])
      console.log(process.pid + ' ' + child.pid); ${forEver}`
    const jobs = open(stubborn)
    const { id } = await jobs.start('tune', {})
    await expect.poll(() => jobs.find(id)!.lines).not.toEqual([])
    const pids = jobs.find(id)!.lines[0]!.split(' ').map(Number)
    expect(pids.every(isAlive)).toBe(true)
    expect(await jobs.cancel(id)).toMatchObject({ state: 'cancelled' })
    await expect.poll(() => pids.filter(isAlive)).toEqual([])
  })

  it('end with the server', async () => {
    const jobs = open(`console.log(process.pid); ${forEver}`)
    const { id } = await jobs.start('tune', {})
    await expect.poll(() => jobs.find(id)!.lines).not.toEqual([])
    await jobs[Symbol.asyncDispose]()
    expect(isAlive(Number(jobs.find(id)!.lines[0]))).toBe(false)
    await expect(jobs.start('doctor', {})).rejects.toMatchObject({ code: 'jobs_full' })
  })

  it('say why the system does not start them, and what their kind refuses', async () => {
    const missing = openJobs({
      shared: { settingArgs: [], configArgs: [] },
      env: process.env,
      folder: '/no/such/folder',
      logger: silentLogger,
      program: program(''),
    })
    await expect(missing.start('tune', {})).rejects.toMatchObject({ code: 'job_unstarted' })
    expect(missing.list()).toEqual([])
  })

  it('are forgotten, the oldest first, but none that runs', async () => {
    const jobs = open('')
    const first = await run(jobs)
    const second = await run(jobs)
    await run(jobs)
    expect(jobs.list()).toHaveLength(2)
    expect(jobs.find(first.id)).toBeUndefined()
    expect(jobs.find(second.id)).toBeDefined()
  })
})
