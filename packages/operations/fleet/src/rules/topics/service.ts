/** Alerts on gateways: the key and usage database, config file, connections, guard. */

import { metrics } from '@hadal/protocol'
import { minute } from '../prom-duration.ts'
import { gatewayTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import type { AlertRule } from '../rule-groups.ts'
import type { AlertFacts, RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

const database = metrics.databaseUp.name
const journal = metrics.journalBacklog.name
const failures = metrics.guardFailures.name
const locked = metrics.guardLockedKeys.name
const config = metrics.configGood.name
const dropped = metrics.connectionsDropped.name

const journalLimit = 10_000
const lockedLimit = 5
const where = '{{ $labels.pod }}{{ $labels.instance }}'

export const service: TopicOf = (view) => {
  const hasDatabase =
    'database' in view.deployment.gateway.config ||
    view.deployment.gateway.secrets.some(({ variable }) => variable === 'HADAL_DATABASE')
  const { guard } = view.deployment.gateway.config
  // Unless it is switched off, it watches.
  const hasGuard = guard !== 'off'
  const alert = (facts: AlertFacts): AlertRule => view.alert(facts)
  return {
    group: 'service',
    rules: [
      ...(hasDatabase ? accounts(view).map(alert) : []),
      ...(hasGuard ? guarding(view).map(alert) : []),
      ...server(view).map(alert),
    ],
    cases: [
      ...(hasDatabase ? accountsCases(view) : []),
      ...(hasGuard ? guardCases(view) : []),
      ...serverCases(view),
    ],
  }
}

function accounts(view: RuleView): readonly AlertFacts[] {
  return [
    {
      alert: 'HadalAccountsDatabaseDown',
      expr: `${view.gateway(database)} == 0`,
      for: '5m',
      severity: 'page',
      slo: 'accounts',
      summary: `The database of keys and usage is unreachable ${where}`,
      description:
        'For 5m the database has been unreachable. Recently used keys still work; others are rejected with accounts_unavailable. Usage is kept in the journal.',
    },
    {
      alert: 'HadalUsageJournalBacklog',
      expr: `${view.gateway(journal)} > ${journalLimit}`,
      for: '15m',
      severity: 'ticket',
      slo: 'accounts',
      summary: `{{ $value | humanize }} requests of ${where} are not in the database yet`,
      description: `For 15m the usage of more than ${journalLimit} requests has been only in the journal. It is lost with the disk of the pod, and usage limits lag behind.`,
    },
  ]
}

function guarding(view: RuleView): readonly AlertFacts[] {
  const count = view.gateway(failures)
  return [
    {
      alert: 'HadalGuardFailures',
      // A check has no series before its first failure, and `increase` sees nothing of a series' first value.
      expr: `sum by (check) (increase(${count}[10m]) > 0 or (${count} unless ${count} offset 10m)) > 0`,
      severity: 'ticket',
      slo: 'guard',
      summary: 'The check {{ $labels.check }} of the guard fails',
      description:
        'In the last 10m the check {{ $labels.check }} threw or timed out. Depending on the policy, texts were rejected or passed without this check.',
    },
    {
      alert: 'HadalGuardLockedKeys',
      expr: `sum(${view.gateway(locked)}) >= ${lockedLimit}`,
      for: '5m',
      severity: 'ticket',
      slo: 'guard',
      summary: '{{ $value | humanize }} clients are locked out by the guard',
      description: `For 5m at least ${lockedLimit} clients have been locked out because too many of their requests were blocked: an attack, or a policy too strict for the traffic.`,
    },
  ]
}

function server(view: RuleView): readonly AlertFacts[] {
  return [
    {
      alert: 'HadalConfigReloadRefused',
      expr: `${view.everywhere(config)} == 0`,
      for: '5m',
      severity: 'ticket',
      slo: 'config',
      summary: `${where} rejected its config file`,
      description:
        'The config file was changed and is now invalid. The server keeps the previous config, and would not start with the new one.',
    },
    {
      alert: 'HadalConnectionsDropped',
      expr: `rate(${view.gateway(dropped)}[5m]) > 0`,
      for: '5m',
      severity: 'ticket',
      slo: 'availability',
      summary: `${where} rejects {{ $value | humanize }} connections per second`,
      description:
        'For 5m connections have been rejected because `maxConnections` is reached. These clients get no HTTP response, so no error budget includes them.',
    },
  ]
}

function accountsCases(view: RuleView): readonly RuleCase[] {
  const samples = new Samples(view, 30 * minute)
  const labels = gatewayTarget(view)
  const up = series(database, labels)
  const backlog = series(journal, labels)
  return [
    {
      alert: 'HadalAccountsDatabaseDown',
      shows: 'fires after 5m, and not before, with its texts',
      series: [samples.steady(up, 0)],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: [{ labels, value: '0' }] },
      ],
    },
    {
      alert: 'HadalAccountsDatabaseDown',
      shows: 'away for 4m',
      series: [samples.inTurn(up, [1, minute], [0, 4 * minute], [1, 20 * minute])],
      checks: [{ atMillis: 7 * minute, firing: [] }],
    },
    {
      alert: 'HadalUsageJournalBacklog',
      shows: 'fires after 15m, and not before, with its texts',
      series: [samples.steady(backlog, 10_001)],
      checks: [
        { atMillis: 14 * minute, firing: [] },
        { atMillis: 15 * minute, firing: [{ labels, value: '10k' }] },
      ],
    },
    {
      alert: 'HadalUsageJournalBacklog',
      shows: 'ten thousand are not too many',
      series: [samples.steady(backlog, 10_000)],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
  ]
}

function guardCases(view: RuleView): readonly RuleCase[] {
  const samples = new Samples(view, 40 * minute)
  const labels = gatewayTarget(view)
  const check = series(failures, { ...labels, check: 'jailbreak' })
  const firing = [{ labels: { check: 'jailbreak' } }]
  const count = series(locked, labels)
  return [
    {
      alert: 'HadalGuardFailures',
      shows: 'the first failure, of which there was no series before; 10m later it is over',
      series: [samples.inTurn(check, ['_', 20 * minute], [1, 20 * minute])],
      checks: [
        { atMillis: 19 * minute, firing: [] },
        { atMillis: 21 * minute, firing: [{ ...firing[0], value: '1' }] },
        { atMillis: 33 * minute, firing: [] },
      ],
    },
    {
      alert: 'HadalGuardFailures',
      shows: 'one more',
      series: [samples.inTurn(check, [3, 20 * minute], [4, 20 * minute])],
      checks: [
        { atMillis: 15 * minute, firing: [] },
        { atMillis: 22 * minute, firing },
        { atMillis: 35 * minute, firing: [] },
      ],
    },
    {
      alert: 'HadalGuardLockedKeys',
      shows: 'five fire after 5m, and not before, with its texts',
      series: [samples.steady(count, 5)],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: [{ value: '5' }] },
      ],
    },
    {
      alert: 'HadalGuardLockedKeys',
      shows: 'four do not',
      series: [samples.steady(count, 4)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
  ]
}

function serverCases(view: RuleView): readonly RuleCase[] {
  const samples = new Samples(view, 30 * minute)
  const labels = gatewayTarget(view)
  const good = series(config, labels)
  const count = series(dropped, labels)
  const refused = Math.round(samples.everyMillis / 1000) * 2
  return [
    {
      alert: 'HadalConfigReloadRefused',
      shows: 'fires after 5m, and not before, with its texts',
      series: [samples.steady(good, 0)],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: [{ labels, value: '0' }] },
      ],
    },
    {
      alert: 'HadalConfigReloadRefused',
      shows: 'corrected after 4m',
      series: [samples.inTurn(good, [1, minute], [0, 4 * minute], [1, 20 * minute])],
      checks: [{ atMillis: 7 * minute, firing: [] }],
    },
    {
      alert: 'HadalConnectionsDropped',
      shows: 'refused throughout fire after 5m, and not before, with its texts',
      series: [samples.growing(count, refused)],
      checks: [
        { atMillis: 5 * minute, firing: [] },
        {
          atMillis: 6 * minute,
          firing: [{ labels, ...(samples.everyMillis % 1000 === 0 && { value: '2' }) }],
        },
      ],
    },
    {
      alert: 'HadalConnectionsDropped',
      shows: 'none refused any more, and a server that was started again',
      series: [samples.inTurn(count, [900, 10 * minute], [0, 20 * minute])],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
  ]
}
