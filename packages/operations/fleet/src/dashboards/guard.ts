/** The guard dashboard: blocked requests, detectors, and latency. */

import { metrics } from '@hadal/protocol'
import type { BoardSpec, RowSpec } from './board-spec.ts'
import { quantiles, rate, selector, sumBy } from './queries.ts'
import type { Scope } from './scope.ts'

export function guardBoard(scope: Scope): BoardSpec {
  return {
    name: 'guard',
    title: `${scope.title}: guard`,
    description: 'Texts that the guard stopped, the layers that found them, and the cost of the checks.',
    variables: [],
    rows: [verdicts(scope), cost(scope)],
  }
}

function verdicts({ gateways }: Scope): RowSpec {
  const all = selector(metrics.guardVerdicts.name, gateways)
  const stopped = selector(metrics.guardVerdicts.name, gateways, 'action=~"block|reply"')
  return {
    title: 'Verdicts',
    panels: [
      {
        title: 'Texts by action',
        description: 'allow, flag, redact, reply, block.',
        form: 'stacked',
        unit: 'cps',
        queries: [{ expr: sumBy('action', rate(all)), legend: '{{action}}' }],
      },
      {
        title: 'Share of stopped texts',
        description:
          'By role of the message. A sudden rise is an attack, or a change in how users write: check the audit log (hadal guard audit).',
        form: 'lines',
        unit: 'percentunit',
        min: 0,
        queries: [
          { expr: `${sumBy('role', rate(stopped))} / ${sumBy('role', rate(all))}`, legend: '{{role}}' },
        ],
      },
      {
        title: 'Findings by layer',
        description: 'Findings of each layer.',
        form: 'stacked',
        unit: 'cps',
        queries: [
          { expr: sumBy('layer', rate(selector(metrics.guardFindings.name, gateways))), legend: '{{layer}}' },
        ],
      },
    ],
  }
}

function cost({ gateways }: Scope): RowSpec {
  return {
    title: 'Cost and health',
    panels: [
      {
        title: 'P99 by layer',
        description: 'Per text; `views` is the time to decode the views that all layers read.',
        form: 'lines',
        unit: 's',
        min: 0,
        queries: quantiles(selector(`${metrics.guardTime.name}_bucket`, gateways), 'layer', [0.99]),
      },
      {
        title: 'Failed checks',
        description: 'Checks that threw or timed out. A failed check protects nothing.',
        form: 'lines',
        unit: 'cps',
        min: 0,
        queries: [
          { expr: sumBy('check', rate(selector(metrics.guardFailures.name, gateways))), legend: '{{check}}' },
        ],
      },
      {
        title: 'Clients locked out',
        description: 'Clients whose requests were blocked too often; temporary.',
        form: 'lines',
        unit: 'short',
        min: 0,
        queries: [{ expr: `sum(${selector(metrics.guardLockedKeys.name, gateways)})`, legend: 'callers' }],
      },
      {
        title: 'Tokens generated but withheld',
        description: 'From responses that the guard stopped.',
        form: 'lines',
        unit: 'short',
        min: 0,
        queries: [
          {
            expr: `sum(${rate(selector(metrics.guardWithheldTokens.name, gateways))})`,
            legend: 'tokens/s',
          },
        ],
      },
    ],
  }
}
