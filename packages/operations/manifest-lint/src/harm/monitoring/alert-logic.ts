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
  what: 'an alert expression without a condition',
  why: 'An alert fires for every series that its expression returns, whatever the value, including 0.',
  *find(object) {
    for (const { use, text, path, where } of monitoredBy(object).expressions) {
      if (use !== 'alert' || condition.test(text)) continue
      const { root } = new PromqlTree(text)
      // A bare series may be made for alerting; a constant, such as vector(1), is a watchdog.
      if (root === undefined || !/\b(rate|irate|increase|histogram_quantile|avg|sum|max|min)\b/.test(text))
        continue
      yield {
        path,
        reason: `${where}${shortened(text)} always returns a value, and every value fires`,
        fix: `${shortened(text)} > THRESHOLD`,
      }
    }
  },
}

const quantileOutOfRange: FactualRule = {
  id: 'quantile_out_of_range',
  severity: 'harmful',
  what: 'histogram_quantile or quantile_over_time with a quantile outside 0 to 1',
  why: 'Above 1 the result is infinity, below 0 it is minus infinity: the alert always or never fires.',
  *find(object) {
    for (const { text, path, where } of monitoredBy(object).expressions) {
      const tree = new PromqlTree(text)
      for (const { name, arguments: given } of tree.calls('histogram_quantile', 'quantile_over_time')) {
        const said = given[0] === undefined ? '' : tree.said(given[0])
        const share = Number(said)
        if (said === '' || Number.isNaN(share) || (share >= 0 && share <= 1)) continue
        yield {
          path,
          reason: `${where}${name} needs a quantile from 0 to 1, but got ${said}`,
          fix: share <= 100 ? `${name}(${share / 100}, ...)` : `${name}(0.99, ...)`,
        }
      }
    }
  },
}

const brokenTemplate: FactualRule = {
  id: 'broken_template',
  severity: 'harmful',
  what: 'an unclosed template in a label or annotation of an alert',
  why: 'Prometheus parses templates with the file, and rejects all rules of the file.',
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
            fix: '{{ $labels.pod }} is {{ $value }}: two braces on both sides',
          }
        }
    }
  },
}

export const alertLogicRules: readonly FactualRule[] = [alwaysFiring, quantileOutOfRange, brokenTemplate]
