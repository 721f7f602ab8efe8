/** The guard dashboard: blocked requests, detectors, and latency. */

import { metrics } from '@hadal/protocol'
import type { BoardSpec, RowSpec } from './board-spec.ts'
import { quantiles, rate, selector, sumBy } from './queries.ts'
import type { Scope } from './scope.ts'

export function guardBoard(scope: Scope): BoardSpec {
  return {
    name: 'guard',
    title: `${scope.title}: guard`,
    description: 'What the guard stopped, what found it, and what it cost.',
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
        title: 'Texts by what was done',
        description: 'allow, flag, redact, reply, block.',
        form: 'stacked',
        unit: 'cps',
        queries: [{ expr: sumBy('action', rate(all)), legend: '{{action}}' }],
      },
      {
        title: 'Share that was stopped',
        description:
          'By whose words they were. A sudden rise is an attack, or a change in how people write: read the audit (hadal guard audit).',
        form: 'lines',
        unit: 'percentunit',
        min: 0,
        queries: [
          { expr: `${sumBy('role', rate(stopped))} / ${sumBy('role', rate(all))}`, legend: '{{role}}' },
        ],
      },
      {
        title: 'What found it',
        description: 'Findings by layer.',
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
        title: 'P99 of a layer',
        description: 'For one text; `views` is what all layers read.',
        form: 'lines',
        unit: 's',
        min: 0,
        queries: quantiles(selector(`${metrics.guardTime.name}_bucket`, gateways), 'layer', [0.99]),
      },
      {
        title: 'Checks that failed',
        description: 'Threw, or took too long. A check that fails protects nobody.',
        form: 'lines',
        unit: 'cps',
        min: 0,
        queries: [
          { expr: sumBy('check', rate(selector(metrics.guardFailures.name, gateways))), legend: '{{check}}' },
        ],
      },
      {
        title: 'Callers locked out',
        description: 'Those who were stopped too often, for now.',
        form: 'lines',
        unit: 'short',
        min: 0,
        queries: [{ expr: `sum(${selector(metrics.guardLockedKeys.name, gateways)})`, legend: 'callers' }],
      },
      {
        title: 'Tokens computed and kept back',
        description: 'Of answers that the guard ended.',
        form: 'lines',
        unit: 'short',
        min: 0,
        queries: [
          {
            expr: `sum(${rate(selector(metrics.guardWithheldTokens.name, gateways))})`,
            legend: 'tokens a second',
          },
        ],
      },
    ],
  }
}
