/** Alerts that Prometheus takes and that fire always, or never: conditions that are none. */

import type { FactualRule } from '../../rule-facts.ts'
import { textsOf } from '../read/values.ts'
import { monitoredBy } from './expressions-of.ts'
import { shortened } from './repair.ts'
import { PromqlTree } from './tree-of.ts'

/** What leaves out series, or is one only when something is wrong. */
const condition = /[<>]|==|!=(?!~)(?![^{]*\})|\b(and|unless|absent|absent_over_time)\b|\bALERTS\b/i

const alwaysFiring: FactualRule = {
  id: 'alert_always_fires',
  severity: 'harmful',
  what: 'an alert on a calculation without a condition',
  why: 'An alert fires for each series that its expression gives, whatever the value, also 0.',
  *find(object) {
    for (const { use, text, path, where } of monitoredBy(object).expressions) {
      if (use !== 'alert' || condition.test(text)) continue
      const { root } = new PromqlTree(text)
      // A bare series may be made for alerting; a constant, such as vector(1), is a watchdog.
      if (root === undefined || !/\b(rate|irate|increase|histogram_quantile|avg|sum|max|min)\b/.test(text))
        continue
      yield {
        path,
        reason: `${where}${shortened(text)} gives a value at all times, and each value fires`,
        fix: `${shortened(text)} > THRESHOLD`,
      }
    }
  },
}

const quantileOutOfRange: FactualRule = {
  id: 'quantile_out_of_range',
  severity: 'harmful',
  what: 'histogram_quantile or quantile_over_time of a number that is no share',
  why: 'Above 1 the result is infinite, below 0 it is minus infinity: the alert fires always or never.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { name, arguments: given } of tree.calls('histogram_quantile', 'quantile_over_time')) {
        const said = given[0] === undefined ? '' : tree.said(given[0])
        const share = Number(said)
        if (said === '' || Number.isNaN(share) || (share >= 0 && share <= 1)) continue
        yield {
          path,
          reason: `${where}${name} takes a share from 0 to 1, and ${said} is none`,
          fix: share <= 100 ? `${name}(${share / 100}, ...)` : `${name}(0.99, ...)`,
        }
      }
    }
  },
}

const brokenTemplate: FactualRule = {
  id: 'broken_template',
  severity: 'harmful',
  what: 'a label or annotation of an alert whose template is not closed',
  why: 'Prometheus reads templates with the file, and leaves out all rules of it.',
  *find(object) {
    for (const { use, rule, path, where } of monitoredBy(object).expressions) {
      if (use !== 'alert') continue
      const base = path.at(-1) === 'expr' ? path.slice(0, -1) : path
      for (const part of ['labels', 'annotations'])
        for (const [name, text] of Object.entries(textsOf(rule[part]))) {
          const rest = text.replace(/\{\{(?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!\}\}|\{\{)[\s\S])*?\}\}/g, '')
          if (!rest.includes('{{')) continue
          yield {
            path: base === path ? path : [...base, part, name],
            reason: `${where}${part}.${name} has {{ without }}: ${shortened(text)}`,
            fix: '{{ $labels.pod }} is {{ $value }}: two braces at both ends',
          }
        }
    }
  },
}

export const alertLogicRules: readonly FactualRule[] = [alwaysFiring, quantileOutOfRange, brokenTemplate]
