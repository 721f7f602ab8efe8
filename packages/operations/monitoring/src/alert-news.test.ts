import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Alert, isWell, type Look, newsOf, settled, type Target } from './alert-news.ts'

const alert = (alertname: string, state: Alert['state'] = 'firing', model_name = 'nano'): Alert => ({
  labels: { alertname, model_name, severity: 'page' },
  annotations: { summary: `${alertname}!` },
  state,
  activeAt: '2026-01-01T00:00:00Z',
})
const target = (health: Target['health'], url = 'http://127.0.0.1:1/metrics'): Target => ({
  job: 'hadal',
  url,
  health,
  error: health === 'down' ? 'connection refused' : '',
})
const look = (alerts: readonly Alert[], targets: readonly Target[] = []): Look => ({
  alerts,
  targets,
  isWhole: true,
})
const reported = (before: Look, now: Look) =>
  newsOf(before, now).map((news) =>
    'alert' in news
      ? `${news.what} ${news.alert.labels.alertname} ${news.alert.labels.model_name}`
      : news.what,
  )

describe('news of alerts', () => {
  it('are what fires and is over', () => {
    const nothing = look([])
    expect(reported(nothing, look([alert('A', 'pending')]))).toEqual([])
    expect(reported(look([alert('A', 'pending')]), look([alert('A')]))).toEqual(['firing A nano'])
    expect(reported(look([alert('A')]), nothing)).toEqual(['resolved A nano'])
    expect(reported(look([alert('A')]), look([alert('A', 'firing', 'other')]))).toEqual([
      'resolved A nano',
      'firing A other',
    ])
  })

  it('are none where what fired pends for a while, as after a start of Prometheus', () => {
    const pending = settled(look([alert('A')]), look([alert('A', 'pending'), alert('B', 'pending')]))
    expect(reported(look([alert('A')]), pending)).toEqual([])
    expect(reported(pending, settled(pending, look([alert('A')])))).toEqual([])
    expect(reported(pending, settled(pending, look([])))).toEqual(['resolved A nano'])
    expect(reported(pending, settled(pending, look([alert('A'), alert('B')])))).toEqual(['firing B nano'])
  })

  it('are targets that come and go', () => {
    expect(reported(look([], []), look([], [target('up')]))).toEqual([])
    expect(reported(look([], []), look([], [target('down')]))).toEqual(['down'])
    expect(reported(look([], [target('up')]), look([], [target('down')]))).toEqual(['down'])
    expect(reported(look([], [target('down')]), look([], [target('up')]))).toEqual(['up'])
    expect(reported(look([], [target('up')]), look([], [target('unknown')]))).toEqual([])
  })

  it('say in any order of looks how often each fired: one more than it was over while it fires', () => {
    const names = ['A', 'B', 'C']
    const drawn = fc.array(fc.subarray(names).map((some) => look(some.map((name) => alert(name)))))
    fc.assert(
      fc.property(drawn, (looks) => {
        const all = [look([]), ...looks]
        const news = all.slice(1).flatMap((now, at) => reported(all[at]!, now))
        for (const name of names) {
          const count = (what: string): number =>
            news.filter((each) => each.startsWith(`${what} ${name} `)).length
          const fires = all.at(-1)!.alerts.some(({ labels }) => labels.alertname === name)
          expect(count('firing') - count('resolved')).toBe(fires ? 1 : 0)
        }
      }),
    )
  })
})

it('all is well where every target is up and nothing fires', () => {
  expect(isWell(look([alert('A', 'pending')], [target('up')]))).toBe(true)
  expect(isWell(look([alert('A')], [target('up')]))).toBe(false)
  expect(isWell(look([], [target('down')]))).toBe(false)
  expect(isWell(look([], [target('unknown')]))).toBe(false)
})
