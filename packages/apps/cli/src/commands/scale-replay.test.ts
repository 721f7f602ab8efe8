import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { createProgram } from '../program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-replay-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function replay(...args: string[]) {
  const terminal = recordingTerminal({ folder, env: {} })
  await createProgram(terminal, () => {}).parseAsync(['scale', 'replay', ...args], { from: 'user' })
  return terminal.printed.join('\n')
}

const steps = 240
function recorded(more: object = {}): string {
  const all = (value: number | null) => new Array(steps).fill(value)
  const recording = {
    format: 'hadal-load-recording/1',
    title: 'nano on monday',
    model: 'nano',
    startAt: Date.UTC(2026, 0, 5, 14),
    stepMillis: 15_000,
    // Two engines at 33 %, and from 14:30 on at 95 %.
    busyPercent: Array.from({ length: steps }, (_, index) => (index < 120 ? 66 : 190)),
    backlog: all(0),
    demand: all(100),
    latencyP99Millis: all(240),
    replicas: all(2),
    ...more,
  }
  writeFileSync(join(folder, 'monday.json'), JSON.stringify(recording))
  return 'monday.json'
}

describe('hadal scale replay', () => {
  it('says when it would have scaled, and why', async () => {
    const text = await replay(recorded(), '--against', 'hpa', 'fixed:2')
    expect(text).toContain('nano on monday: 1h 0m in steps of 15.0 s, peak load of 1.9 engines')
    expect(text).toContain('hadal would have scaled at:')
    expect(text).toMatch(/14:30 {2}2 to 3: each is 95 % busy, above 70 %/)
    expect(text).toMatch(/^hpa +\S/m)
    expect(text).toMatch(/^fixed:2 +2 /m)
    expect(text.replace(/\s+/g, ' ')).toContain('P99 240 ms without queueing (from the recording)')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(110)
  })

  it('says where the time of a start is from', async () => {
    const startOf = async (...flags: string[]) =>
      /takes ([^;]*) to start \((.*?)\);/
        .exec((await replay('steady', ...flags)).replace(/\s+/g, ' '))
        ?.slice(1)
    expect(await startOf()).toEqual([
      '40.0 s',
      'from deploy.coldStartMillis or the model size: override with --start',
    ])
    expect(await startOf('--start', '7s')).toEqual(['7.0 s', '--start'])
  })

  it('prints JSON, and writes a page that needs nothing else', async () => {
    const json = JSON.parse(await replay('flapping', '--json', '--html', 'replay.html', '--against', 'keda'))
    expect(json).toMatchObject({ version: 1, title: 'flapping, seed 1', steps: 5760 })
    expect(json.scalers.map(({ name }: { name: string }) => name)).toEqual(['hadal', 'keda'])
    expect(json.scalers[0].points.length).toBe(1440)
    const page = readFileSync(join(folder, 'replay.html'), 'utf8')
    expect(page.match(/<svg/g)?.length).toBe(3)
    expect(page).not.toMatch(/NaN|undefined|(src|href)=/)
  })

  it.each([
    'diurnal',
    'flash-crowd',
    'silent-exporter',
    'steady',
    'lull',
    'office-hours',
    'counter-reset',
    'clock-skew',
  ])('knows the day %s', async (name) => {
    expect(await replay(name, '--step', '1m')).toContain(`${name}, seed 1: 24 hours`)
  })

  it('says that forecasts have nothing to go by where no day before is known', async () => {
    const note = 'nothing is known of the days before'
    expect(await replay(recorded(), '--against', 'hadal:history')).toContain(note)
    expect(await replay(recorded())).not.toContain(note)
    const before = { startAt: Date.UTC(2026, 0, 4), stepMillis: 300_000, busyPercent: [60, 70, 80] }
    expect(await replay(recorded({ before }), '--against', 'hadal:history')).not.toContain(note)
  })

  it('keeps the preceding days too, for replays with forecasts', async () => {
    await using prometheus = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const { start, end, step } = Object.fromEntries(
        [...new URLSearchParams(Buffer.concat(parts).toString())].map(([name, value]) => [
          name,
          Number(value),
        ]),
      ) as { start: number; end: number; step: number }
      const values = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => [
        start + index * step,
        '70',
      ])
      const data = { resultType: 'matrix', result: [{ metric: {}, values }] }
      response.end(JSON.stringify({ status: 'success', data }))
    })
    await new Promise<void>((listening) => prometheus.listen(0, '127.0.0.1', listening))
    const url = `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`
    const range = ['--from', '2026-01-05T00:00Z', '--to', '2026-01-05T01:00Z', '--prometheus', url]
    await replay(...range, '--save', 'kept.json')
    const { busyPercent, before } = JSON.parse(readFileSync(join(folder, 'kept.json'), 'utf8'))
    expect(busyPercent).toHaveLength(241)
    expect(before.busyPercent).toHaveLength(29 * 288)
  })

  it('takes the name of a page or an axis from a recording as text', async () => {
    await replay(recorded({ title: '<script>' }), '--html', 'replay.html')
    expect(readFileSync(join(folder, 'replay.html'), 'utf8')).not.toContain('<script>')
  })

  it.each<[string, string[], string, string]>([
    ['nothing', [], 'usage', 'nothing to replay'],
    ['no file', ['tuesday.json'], 'scale_file_unreadable', 'cannot read tuesday.json'],
    ['a day that is misspelled', ['diurnl'], 'scale_file_unreadable', 'did you mean diurnal?'],
    ['a folder', ['.'], 'scale_file_unreadable', 'it must be a file'],
    ['no Prometheus', ['24h'], 'usage', 'no Prometheus URL is set'],
    ['no URL', ['24h', '--prometheus', 'here'], 'usage', 'must be a URL'],
    ['another protocol', ['24h', '--prometheus', 'ftp://here'], 'usage', 'http or https'],
    [
      'no time',
      ['--from', 'yesterday', '--prometheus', 'http://127.0.0.1:9'],
      'usage',
      '--from must be a time',
    ],
    [
      'an end before its beginning',
      ['--from', '2026-01-02', '--to', '2026-01-01'],
      'usage',
      'before it begins',
    ],
    [
      'all three',
      ['24h', '--from', '2026-01-01', '--to', '2026-01-02'],
      'usage',
      'use two of them to set a range',
    ],
    ['more than a year', ['400d'], 'usage', 'at most a year'],
    ['an unknown scaler', ['steady', '--against', 'vpa'], 'usage', 'got vpa'],
    ['days of a recording', ['monday.json', '--days', '3'], 'usage', 'only valid for built-in days'],
    ['bounds the wrong way round', ['steady', '--min', '5', '--max', '4'], 'usage', 'from 0 to 4, not 5'],
    ['no peak', ['steady', '--peak', 'x'], 'usage', '--peak must be'],
    ['a step of nothing', ['steady', '--step', '1ms'], 'usage', '--step must be'],
    ['too many steps', ['steady', '--days', '366', '--step', '1s'], 'usage', 'use a longer --step'],
    ['a time of a made-up day', ['steady', '--from', '2026-01-01'], 'usage', 'is not a Prometheus range'],
    ['nothing to save', ['steady', '--save', 'x.json'], 'usage', 'does not query Prometheus'],
    ['an unknown model', ['steady', '--model', 'x'], 'usage', 'model x is not served; models are nano'],
    ['a page nowhere', ['steady', '--html', 'no/where.html'], 'report_unwritable', 'cannot write'],
    [
      'a Prometheus that is not there',
      ['1h', '--prometheus', 'http://127.0.0.1:9'],
      'scale_range_failed',
      'gave no data on engine utilization',
    ],
  ])('refuses %s', async (_, args, code, why) => {
    recorded()
    await expect(replay(...args)).rejects.toMatchObject({ code, message: expect.stringContaining(why) })
  })
})
