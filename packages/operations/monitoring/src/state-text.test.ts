import { createStyle } from '@hadal/output'
import { expect, it } from 'vitest'
import type { Alert, Target } from './alert-news.ts'
import { newsText, statusText } from './state-text.ts'

const plain = createStyle(false)
const alert = (alertname: string, state: Alert['state']): Alert => ({
  labels: { alertname, severity: 'page' },
  annotations: { summary: 'P99 of nano is 0.9 s', runbook_url: '/runbooks/HadalLatencyHigh.md' },
  state,
  activeAt: '2026-01-01T00:00:00Z',
})
const target: Target = {
  job: 'hadal',
  url: 'http://127.0.0.1:8080/metrics',
  health: 'down',
  error: 'connection refused',
}

it('shows targets, and what fires before what is about to', () => {
  expect(
    statusText(
      {
        targets: [target],
        alerts: [alert('A', 'pending'), alert('HadalLatencyHigh', 'firing')],
        isWhole: true,
      },
      plain,
    ),
  ).toBe(
    [
      'target  is    at',
      'hadal   down  http://127.0.0.1:8080/metrics  connection refused',
      '',
      'alert    severity  name',
      'FIRING   page      HadalLatencyHigh  P99 of nano is 0.9 s',
      'pending  page      A                 P99 of nano is 0.9 s',
    ].join('\n'),
  )
  expect(statusText({ targets: [], alerts: [], isWhole: true }, plain)).toContain('no alerts firing')
})

it('lists paging alerts first', () => {
  const ticket = { ...alert('A', 'firing'), labels: { alertname: 'A', severity: 'ticket' } }
  const alerts = [alert('P', 'pending'), ticket, alert('B', 'firing')]
  const lines = statusText({ targets: [], alerts, isWhole: true }, plain).split('\n').slice(-3)
  expect(lines.map((line) => line.split(/ +/).slice(0, 3))).toEqual([
    ['FIRING', 'page', 'B'],
    ['FIRING', 'ticket', 'A'],
    ['pending', 'page', 'P'],
  ])
})

it('prints each event on one line, with the runbook of a firing alert', () => {
  const at = new Date(2026, 0, 1, 9, 8, 7)
  expect(newsText({ what: 'firing', alert: alert('HadalLatencyHigh', 'firing') }, at, plain)).toBe(
    '09:08:07  FIRING    HadalLatencyHigh page  P99 of nano is 0.9 s\n                    /runbooks/HadalLatencyHigh.md',
  )
  expect(newsText({ what: 'resolved', alert: alert('HadalLatencyHigh', 'firing') }, at, plain)).toBe(
    '09:08:07  resolved  HadalLatencyHigh page  P99 of nano is 0.9 s',
  )
  expect(newsText({ what: 'down', target }, at, plain)).toBe(
    '09:08:07  down      hadal at http://127.0.0.1:8080/metrics: connection refused',
  )
})
