/** The launcher with small programs as ranks: how it starts them, and how it handles their exits. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../../../apps/cli/test/recording-terminal.ts'
import { type LaunchOptions, launchRanks } from './launch.ts'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-ranks-'))
  terminal = recordingTerminal({ folder })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Code of a rank: `each` runs on all, `one` on rank 1. */
const program = (each: string, one: string): string => `
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
const { RANK } = process.env
appendFileSync('pids', process.pid + '\\n')
const tell = (about, more) => process.send({ about, ...more })
const opened = (timeoutSeconds) => tell('opened', { folder: process.cwd() + '/run', timeoutSeconds })
const beat = (step) => tell('beat', { step, doing: 'training' })
const fail = (code, message) => {
  tell('failed', { error: { code, message, help: 'Do otherwise.', status: 500 } })
  process.exitCode = 1
  process.disconnect()
}
const wait = () => setInterval(() => {}, 1000)
const until = async (isSo) => { while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5)) }
process.on('disconnect', () => process.exit())
process.channel.unref()
${each}
if (RANK === '1') { ${one} }
`

function launch(each: string, one: string, more: Partial<LaunchOptions> = {}): Promise<number> {
  const path = join(folder, 'rank.mjs')
  writeFileSync(path, program(each, one))
  const options = { args: [path], ranks: 2, restarts: 0, saysThreads: false, backOffMillis: 1, ...more }
  return launchRanks(options, terminal)
}

/** Allows time for all failures to arrive, however slowly the ranks start. */
const patient = { settleMillis: 300_000, firstMillis: 300_000 }

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** Covers the ranks and their descendants; zombies without a reaping parent do not count. */
async function expectNobodyLeft(): Promise<void> {
  const pids = read('pids').trim().split('\n')
  await expect.poll(() => pids.filter((pid) => /^\d+ \(.*\) [^Z]/.test(statOf(pid)))).toEqual([])
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}

const failure = (job: Promise<number>): Promise<{ code: string; message: string; help: string }> =>
  job.then(
    () => expect.unreachable('the job ended well'),
    (error) => error,
  )

describe('ranks', () => {
  it('know their place, and all but the first write into a file of the run', async () => {
    const code = await launch(
      `writeFileSync('place-' + RANK, ['WORLD_SIZE', 'LOCAL_RANK', 'LOCAL_WORLD_SIZE', 'MASTER_ADDR'].map((name) => process.env[name]).join())
       writeFileSync('port-' + RANK, process.env.MASTER_PORT)`,
      `console.log('before'); opened(600); setTimeout(() => { console.error('after'); process.disconnect() }, 50)`,
    )
    expect(code).toBe(0)
    expect([read('place-0'), read('place-1')]).toEqual(['2,0,2,127.0.0.1', '2,1,2,127.0.0.1'])
    expect(read('port-0')).toBe(read('port-1'))
    expect(read('run/ranks/1.log')).toBe('before\nafter\n')
  })

  it('leave no log of a larger start', async () => {
    mkdirSync(join(folder, 'run/ranks'), { recursive: true })
    for (const name of ['1.log', '2.log', '13.log', 'notes.log'])
      writeFileSync(join(folder, 'run/ranks', name), 'old')
    expect(await launch('opened(600); setTimeout(() => process.exit(0), 50)', '')).toBe(0)
    expect(readdirSync(join(folder, 'run/ranks')).sort()).toEqual(['1.log', 'notes.log'])
  })

  it('of one machine among several count on', async () => {
    const env = { PET_NODE_RANK: '1', PET_NNODES: '2', PET_MASTER_ADDR: 'job-0', PET_MASTER_PORT: '29400' }
    terminal = recordingTerminal({ folder, env })
    const each = `writeFileSync('place-' + RANK, ['WORLD_SIZE', 'LOCAL_RANK', 'MASTER_ADDR', 'MASTER_PORT'].map((name) => process.env[name]).join())`
    expect(await launch(each, '')).toBe(0)
    expect([read('place-2'), read('place-3')]).toEqual(['4,0,job-0,29400', '4,1,job-0,29400'])
  })
})

describe('one that fails ends the job', () => {
  it('by SIGKILL', async () => {
    const error = await failure(
      launch('opened(60); beat(12); wait()', `setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100)`),
    )
    expect(error).toMatchObject({
      code: 'train_rank_failed',
      message: 'rank 1 was killed by SIGKILL after step 12',
    })
    expect(error.help).toContain('run/ranks/1.log')
    expect(error.help).toContain('ran out of memory')
    await expectNobodyLeft()
  })

  it('by an exit code, with the end of its output', async () => {
    const error = await failure(
      launch('opened(60); wait()', `for (let i = 0; i < 20; i++) console.log('line', i); process.exit(3)`),
    )
    expect(error.message).toMatch(
      /^rank 1 ended with exit code 3 before its first step\n {2}its output ends with:\n {2}\| line 12\n(.*\n){6} {2}\| line 19$/,
    )
    await expectNobodyLeft()
  })

  it('by its own error, even when other ranks reported the lost peer first', async () => {
    const error = await failure(
      launch(
        `opened(60); beat(3); if (RANK === '0') { fail('tensor_distributed_peer_lost', 'all-reduce: a peer is lost'); writeFileSync('lost', '') }`,
        `wait(); await until(() => existsSync('lost')); fail('train_diverged', 'step 4 gave NaN')`,
        { windows: patient },
      ),
    )
    expect(error.message).toBe(
      'rank 1 failed after step 3\n  its output ends with:\n  | error[train_diverged]: step 4 gave NaN\n  | help: Do otherwise.',
    )
    await expectNobodyLeft()
  })

  it('by an error that all ranks share, reported once and unchanged', async () => {
    const one = `if (RANK === '1') fail('train_invalid_run', 'run has faults'); else setTimeout(() => fail('train_invalid_run', 'run has faults'), 1000)`
    const error = await failure(launch(one, '', { windows: patient }))
    expect(error).toMatchObject({
      code: 'train_invalid_run',
      message: 'run has faults',
      help: 'Do otherwise.',
    })
  })

  it('by an error that all ranks hit, reported unchanged from rank 0', async () => {
    const meet = (rank: string, where: string, millis: number): string =>
      `if (RANK === '${rank}') setTimeout(() => fail('train_diverged', '${where}'), ${millis})`
    const each = `opened(60); beat(3); wait(); ${meet('0', 'saved', 1200)}; ${meet('1', 'not saved here', 100)}`
    expect(await failure(launch(each, '', { windows: patient }))).toMatchObject({
      code: 'train_diverged',
      message: 'saved',
    })
    await expectNobodyLeft()
  })

  it('by one that the system does not start', async () => {
    terminal = recordingTerminal({ folder: join(folder, 'gone') })
    const error = await failure(launch('', ''))
    expect(error).toMatchObject({
      code: 'train_rank_unstarted',
      message: expect.stringMatching(/^cannot start rank 0: spawn .* ENOENT$/),
    })
  })

  it('by one that the system refuses at once', async () => {
    terminal = recordingTerminal({ folder, env: { BIG: 'x'.repeat(200_000) } })
    const error = await failure(launch('', ''))
    expect(error).toMatchObject({ code: 'train_rank_unstarted', message: expect.stringContaining('E2BIG') })
  })

  it('with what it started', async () => {
    const child = `import('node:child_process').then(({ spawn }) => {
      const child = spawn('sleep', ['60'])
      appendFileSync('pids', child.pid + '\\n')
      setTimeout(() => process.exit(3), 100)
    })`
    await failure(launch('opened(60); wait()', child))
    expect(read('pids').trim().split('\n')).toHaveLength(3)
    await expectNobodyLeft()
  })
})

describe('a port that is already in use', () => {
  const taken = (times: number): string => `
    opened(60); wait()
    writeFileSync('attempt-' + process.env.MASTER_PORT, '')
    if (RANK === '0' && readdirSync('.').filter((name) => name.startsWith('attempt-')).length <= ${times})
      fail('tensor_distributed_join_failed', 'errno: 98 - Address already in use')
    else if (RANK === '0') setTimeout(() => process.exit(0), 50)`

  it('is no reason to fail: another is tried', async () => {
    expect(await launch(taken(2), `setTimeout(() => process.exit(0), 300)`)).toBe(0)
    expect(terminal.noted).toEqual([])
  })

  it('is one when others are, too, or when it was said', async () => {
    const error = await failure(launch(taken(99), ''))
    expect(error).toMatchObject({
      code: 'tensor_distributed_join_failed',
      message: expect.stringContaining('in use'),
    })
    const env = { PET_NODE_RANK: '0', PET_NNODES: '2', PET_MASTER_ADDR: 'job-0', PET_MASTER_PORT: '29400' }
    terminal = recordingTerminal({ folder, env })
    expect(await failure(launch(taken(1000), ''))).toMatchObject({ code: 'tensor_distributed_join_failed' })
    expect(existsSync(join(folder, 'attempt-29400'))).toBe(true)
    await expectNobodyLeft()
  })
})

describe('one that hangs ends the job', () => {
  /** No rank is silent because it has not started. */
  const together = `await until(() => readFileSync('pids', 'utf8').trim().split('\\n').length === 2)`

  it('when it is suspended, and all wait for it', async () => {
    const error = await failure(
      launch(`${together}; opened(2); beat(7); wait()`, `process.kill(process.pid, 'SIGSTOP')`),
    )
    expect(error).toMatchObject({
      code: 'train_rank_hangs',
      message: 'rank 1 hangs after step 7: no progress for 2 s, while rank 0 waited',
    })
    await expectNobodyLeft()
  })

  it('when it does not come back, and others go on', async () => {
    const error = await failure(
      launch(
        `${together}; opened(5); beat(7); wait(); if (RANK === '0') setInterval(() => beat(8), 50)`,
        'setTimeout(() => { for (;;); }, 50)',
      ),
    )
    expect(error.message).toBe('rank 1 hangs after step 7: no progress for 5 s, while rank 0 waited')
    await expectNobodyLeft()
  })

  it('when others gave up waiting for it', async () => {
    const error = await failure(
      launch(
        `opened(60); beat(7); wait(); if (RANK === '0') { await until(() => existsSync('beaten')); fail('tensor_distributed_peer_lost', 'all-reduce took too long') }`,
        `writeFileSync('beaten', '')`,
      ),
    )
    expect(error).toMatchObject({ code: 'train_rank_hangs' })
    expect(error.message).toContain('rank 1 hangs after step 7')
  })
})

describe('with restarts', () => {
  const twice = `
    opened(60); beat(5)
    const isThird = existsSync('2')
    if (RANK === '1' && !isThird) {
      console.log('attempt', existsSync('1') ? 2 : 1)
      writeFileSync(existsSync('1') ? '2' : '1', '')
      process.kill(process.pid, 'SIGKILL')
    }
    if (isThird) setTimeout(() => process.disconnect(), 50)
    else wait()`

  it('all ranks restart, and each restart is logged', async () => {
    expect(await launch(twice, '', { restarts: 3 })).toBe(0)
    expect(terminal.noted).toEqual([
      'rank 1 was killed by SIGKILL after step 5; all 2 ranks restart from the last checkpoint in 0.001 s (restart 1 of 3)',
      'rank 1 was killed by SIGKILL after step 5; all 2 ranks restart from the last checkpoint in 0.002 s (restart 2 of 3)',
    ])
    expect(read('run/ranks/1.log')).toBe('attempt 1\n\n--- restarted ---\nattempt 2\n\n--- restarted ---\n')
  })

  it('they end when there have been as many', async () => {
    const error = await failure(launch(twice, '', { restarts: 1 }))
    expect(error).toMatchObject({ code: 'train_rank_failed' })
    expect(terminal.noted).toHaveLength(1)
    await expectNobodyLeft()
  })

  it('what must fail is not tried again', async () => {
    const error = await failure(
      launch(`fail('train_run_changed', 'of a different run')`, '', { restarts: 5 }),
    )
    expect(error.code).toBe('train_run_changed')
    expect(terminal.noted).toEqual([])
  })
})

describe('asked to stop', () => {
  it('it asks all ranks, and ends as they do', async () => {
    const stops = `opened(60); beat(1); wait()
      process.on('SIGTERM', () => { appendFileSync('stopped', RANK); tell('done'); process.exitCode = 143; setTimeout(() => process.exit(), 50) })
      appendFileSync('ready', RANK)`
    const job = launch(stops, '')
    await expect.poll(() => existsSync(join(folder, 'ready')) && read('ready').length).toBe(2)
    process.emit('SIGTERM', 'SIGTERM')
    expect(await job).toBe(143)
    expect([...read('stopped')].sort()).toEqual(['0', '1'])
    await expectNobodyLeft()
  })
})
