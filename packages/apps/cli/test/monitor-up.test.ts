/** `hadal monitor up` as users run it: what it prints, how it ends, and what is left when something is killed. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, onPath, type Running, readRunning } from '@hadal/monitoring'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { whyNoPrograms } from '../../../operations/fleet/test/programs.ts'
import { monitorStatus } from '../src/commands/monitor-status.ts'
import { type MonitorUpFlags, monitorUp } from '../src/commands/monitor-up.ts'
import { HadalProcess } from './hadal-process.ts'
import { Exporter } from './monitoring/exporter.ts'
import { type RecordingTerminal, recordingTerminal } from './recording-terminal.ts'

const whyNot = whyNoPrograms('prometheus', 'alertmanager')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-up-'))
  const monitor = { scrapeIntervalMillis: 500, evaluationIntervalMillis: 500 }
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify({ monitor }))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const anyPorts = { port: '0', alertmanagerPort: '0', retention: '1d', state: 'state' }
const terminalHere = (): RecordingTerminal => recordingTerminal({ folder, env: { PATH: process.env.PATH } })

/** One that runs in this process. */
function up(flags: Pick<MonitorUpFlags, 'url'> & Partial<MonitorUpFlags>) {
  const terminal = terminalHere()
  const stop = new AbortController()
  const ended = monitorUp({ ...anyPorts, ...flags }, terminal, {
    first: stop.signal,
    [Symbol.dispose]() {},
  })
  ended.catch(() => {})
  const said = (): string => [...terminal.printed, ...terminal.noted].join('\n')
  return {
    ended,
    said,
    stop: () => stop.abort('SIGINT'),
    /** Resolves when it has said so; rejects where it ends before. */
    async reported(pattern: RegExp): Promise<void> {
      const isOver = ended.then(() => {
        throw new Error(`it ended before it said ${pattern}:\n${said()}`)
      })
      await Promise.race([isOver, until(() => pattern.test(said()))])
    },
  }
}

async function once(flags: Pick<MonitorUpFlags, 'url'> & Partial<MonitorUpFlags>) {
  const started = up({ once: true, ...flags })
  return { code: await started.ended, said: started.said() }
}

const running = (state = 'state'): Running => readRunning(join(folder, state))!
const areAlive = ({ programs }: Running): boolean[] => programs.map(isAlive)

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(50)
}

describe.skipIf(whyNot !== undefined)(`hadal monitor up ${whyNot ?? ''}`, () => {
  it('reports firing and resolved alerts from private metrics, even after both programs are killed', async () => {
    await using exporter = await Exporter.start()
    exporter.key = ['a', 'key', 'of', 'this', 'test'].join('-')
    const url = `http://${exporter.host}`
    await expect(once({ url })).rejects.toMatchObject({ code: 'monitor_metrics_refused' })
    writeFileSync(join(folder, 'key'), `${exporter.key}\n`)
    const watching = up({ url, keyFile: 'key' })
    await watching.reported(/no alerts firing/)
    expect(watching.said()).toMatch(/hadal {3}up {2}http/)

    const status = terminalHere()
    expect(await monitorStatus({ state: 'state' }, status)).toBe(0)
    await expect(up({ url, keyFile: 'key' }).ended).rejects.toMatchObject({
      code: 'monitor_running',
      message: expect.stringContaining(`process ${process.pid} is already monitoring`),
    })

    exporter.restarts = 3
    await watching.reported(
      /FIRING {4}HadalEngineRestarts ticket {2}The engine of nano was restarted 3 times/,
    )
    await watching.reported(/runbooks\/HadalEngineRestarts\.md/)
    expect(await monitorStatus({ state: 'state', json: true }, status)).toBe(3)
    expect(JSON.parse(status.printed.at(-1)!)).toMatchObject({
      alerts: expect.arrayContaining([
        expect.objectContaining({
          state: 'firing',
          labels: expect.objectContaining({ alertname: 'HadalEngineRestarts' }),
        }),
      ]),
      targets: [{ job: 'hadal', health: 'up' }],
    })

    for (const { pid } of running().programs) process.kill(pid, 'SIGKILL')
    await watching.reported(/Prometheus exited \(SIGKILL\); restarting it/)
    await watching.reported(/Prometheus is running again/)
    await watching.reported(/Alertmanager is running again/)
    exporter.restarts = 0
    await watching.reported(/resolved {2}HadalEngineRestarts/)
    // A start in between is no end of an alert.
    expect(watching.said().match(/(FIRING|resolved) +HadalEngineRestarts/g)).toHaveLength(2)

    const last = running()
    watching.stop()
    expect(await watching.ended).toBe(0)
    expect(areAlive(last)).toEqual([false, false])
    expect(watching.said()).not.toContain(exporter.key)
    expect(readFileSync(join(folder, 'state/prometheus.yml'), 'utf8')).not.toContain(exporter.key)
    await expect(monitorStatus({ state: 'state' }, status)).rejects.toMatchObject({
      code: 'monitor_not_running',
    })
  })

  it('leaves no program when it is killed itself, and the next one takes its place and says what is down', async () => {
    await using exporter = await Exporter.start()
    const url = `http://${exporter.host}`
    const args = ['--url', url, '--port', '0', '--alertmanager-port', '0', '--state', 'state']
    await using first = new HadalProcess(['monitor', 'up', ...args], {
      cwd: folder,
      env: { XDG_STATE_HOME: folder },
    })
    await first.printed(/Prometheus {4}http/)
    const killed = running()
    expect(areAlive(killed)).toEqual([true, true])
    first.child.kill('SIGKILL')
    await first.ended()
    if (onPath('setpriv', terminalHere()) !== undefined)
      await until(() => areAlive(killed).every((alive) => !alive))
    await exporter[Symbol.asyncDispose]()
    const { code, said } = await once({ url })
    expect(areAlive(killed)).toEqual([false, false])
    expect(said).toContain(`no server at ${url}/metrics yet`)
    expect(said).toMatch(/hadal {3}down/)
    expect(code).toBe(3)
  })

  it('ends what was left running where the kernel did not', async () => {
    const left = spawnSync('sh', ['-c', 'sleep 600 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' })
    const pid = Number(left.stdout)
    mkdirSync(join(folder, 'state'))
    const { processStart } = await import('@hadal/base')
    const mark = { pid, start: processStart(pid) }
    const gone = { pid: 2 ** 22 + 1, start: '1' }
    writeFileSync(join(folder, 'state/running.json'), JSON.stringify({ ...gone, programs: [mark, gone] }))
    await using exporter = await Exporter.start()
    const receivers = [{ name: 'bot', webhookFile: '/nowhere/url' }]
    writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify({ monitor: { receivers } }))
    const watching = up({ url: `http://${exporter.host}` })
    await watching.reported(/stopped a program left over from a killed run/)
    await watching.reported(/bot cannot be notified: \/nowhere\/url does not exist/)
    expect(processStart(pid)).toBeUndefined()
    watching.stop()
    await watching.ended
  })

  it('refuses what other machines would reach, ports that are taken, and says what to install', async () => {
    await using exporter = await Exporter.start()
    const url = `http://${exporter.host}`
    await expect(once({ url, listen: '0.0.0.0' })).rejects.toMatchObject({ code: 'monitor_not_loopback' })
    await expect(once({ url, port: exporter.host.split(':')[1]! })).rejects.toMatchObject({
      code: 'monitor_port_taken',
    })
    const without = recordingTerminal({ folder, env: { PATH: folder } })
    await expect(monitorUp({ ...anyPorts, url }, without)).rejects.toMatchObject({
      code: 'monitor_programs_missing',
      message: 'not on the PATH: prometheus, alertmanager',
      help: expect.stringContaining('apt-get install prometheus prometheus-alertmanager'),
    })
  })
})

const disk = join(tmpdir(), `hadal-small-disk-${process.pid}`)
const mount = (): boolean => {
  mkdirSync(disk, { recursive: true })
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status === 0
}
const unmount = (): void => {
  spawnSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
}

it.skipIf(whyNot !== undefined)(
  `a full disk is told, before anything starts and while it runs ${whyNot ?? ''}`,
  async ({ skip }) => {
    if (!mount()) skip('no disk can be mounted here')
    try {
      const fill = (): void => void spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=4096'])
      await using exporter = await Exporter.start()
      const flags = { url: `http://${exporter.host}`, state: disk }
      fill()
      await expect(once(flags)).rejects.toMatchObject({
        code: 'monitor_state_unwritable',
        message: expect.stringContaining('ENOSPC'),
      })
      rmSync(join(disk, 'filler'))
      const watching = up(flags)
      await watching.reported(/only [0-9.]+ MiB of free space for data/)
      await watching.reported(/no alerts firing/)
      fill()
      await watching.reported(/the disk of .* is full/)
      watching.stop()
      expect(await watching.ended).toBe(0)
    } finally {
      unmount()
    }
  },
)
