/**
 * Availability: requests that fail because of the service, measured at the gateway. Every 5xx counts, including 503 with a
 * `Retry-After`: the client has no response. 4xx do not, including 429, nor does 499 (client disconnected).
 */

import { metrics } from '@hadal/protocol'
import { type BurnRate, burnRates, burnThreshold, burnWindows, fewestFailures } from '../burn-rates.ts'
import { minute } from '../prom-duration.ts'
import { gatewayTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import type { RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

/** What probes, Prometheus and operators ask is no service to clients. */
export const clientRoutes = 'route!~"/(v1/)?health|/livez|/ready|/metrics|/v2/health/.*|/hadal/.*|none"'

const failed = 'status=~"5.."'

export const availability: TopicOf = (view) => {
  const rates = burnRates(view.deployment.slo.windowDays)
  const requests = (window: string, ...matchers: readonly string[]): string =>
    `${view.gateway(metrics.httpRequests.name, clientRoutes, ...matchers)}[${window}]`
  return {
    group: 'availability',
    rules: [
      view.record('service:http_requests:rate5m', `sum(rate(${requests('5m')}))`),
      // `0 *` keeps the ratio at 0 rather than absent where nothing has failed yet; any window will do, and a short one is cheap.
      ...burnWindows(rates).map((window) =>
        view.record(
          `service:http_request_errors:ratio_rate${window}`,
          `sum(rate(${requests(window, failed)})) / sum(rate(${requests(window)})) or 0 * sum(rate(${requests('5m')}))`,
        ),
      ),
      ...rates.map((rate) => burnAlert(view, rate, `sum(increase(${requests(rate.long, failed)}))`)),
    ],
    cases: cases(view, rates),
  }
}

function burnAlert(view: RuleView, rate: BurnRate, failures: string): ReturnType<RuleView['alert']> {
  const { long, short, severity, factor } = rate
  const { availability: promised, windowDays } = view.deployment.slo
  const limit = burnThreshold(rate, promised)
  const ratio = (window: string): string => view.recorded(`service:http_request_errors:ratio_rate${window}`)
  return view.alert({
    alert: 'HadalErrorBudgetBurn',
    expr: `${ratio(long)} > ${limit} and ${ratio(short)} > ${limit} and on () ${failures} >= ${fewestFailures}`,
    severity,
    slo: 'availability',
    labels: { long_window: long, short_window: short },
    summary: `{{ $value | humanizePercentage }} of requests failed in the last ${long}`,
    description: `The error budget is ${percent(1 - promised)} of requests over ${windowDays} days. It burns at least ${factor} times too fast, over the last ${long} and over the last ${short}.`,
  })
}

/** 0.001 is `0.1%`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`
}

/** Requests per scrape, large enough that every share is a whole number of them. */
const perScrape = 10_000_000

function cases(view: RuleView, rates: readonly BurnRate[]): readonly RuleCase[] {
  const { availability: promised } = view.deployment.slo
  const target = gatewayTarget(view)
  const of = (route: string, status: string): string =>
    series(metrics.httpRequests.name, { ...target, route, status })
  const chat = '/v1/chat/completions'
  const alert = 'HadalErrorBudgetBurn'
  const everyMillis = minute
  /** All alerts whose limit is below this share of failures. */
  const over = (share: number): readonly BurnRate[] =>
    rates.filter((rate) => share > burnThreshold(rate, promised))
  const firing = (burning: readonly BurnRate[]) =>
    burning.map(({ long, short }) => ({ rule: { long_window: long, short_window: short } }))

  const shares = (samples: Samples, share: number) => {
    const bad = Math.round(share * perScrape)
    return [samples.growing(of(chat, '200'), perScrape - bad), samples.growing(of(chat, '500'), bad)]
  }
  /** Over a limit by a fifth of the way to everything, and under it by a tenth. */
  const around = rates.flatMap((rate): RuleCase[] => {
    const limit = burnThreshold(rate, promised)
    const samples = new Samples(view, 10 * minute, everyMillis)
    const above = limit + (1 - limit) * Math.min(0.2, limit / 5)
    const below = limit * 0.9
    const at = 8 * minute
    return [
      {
        alert,
        shows: `fires when ${rate.long} and ${rate.short} are just above`,
        everyMillis,
        series: shares(samples, above),
        checks: [{ atMillis: at, firing: firing(over(above)) }],
      },
      {
        alert,
        shows: `stays silent for ${rate.long} just below`,
        everyMillis,
        series: shares(samples, below),
        checks: [{ atMillis: at, firing: firing(over(below)) }],
      },
    ]
  })
  const long = new Samples(view, 50 * minute, everyMillis)
  const short = new Samples(view, 10 * minute, everyMillis)
  const good = of(chat, '200')
  const page = rates.filter(({ severity }) => severity === 'page')
  const fast = rates.filter(({ shortMillis }) => shortMillis === 5 * minute)
  return [
    ...around,
    {
      alert,
      shows: 'everything fails: says so, with its texts',
      everyMillis,
      series: [short.growing(of(chat, '529'), 60)],
      checks: [
        {
          atMillis: 8 * minute,
          firing: firing(rates).map((each) => ({ ...each, value: '100%' })),
        },
      ],
    },
    {
      alert,
      shows: 'is over soon after failures end, in its short window first',
      everyMillis,
      series: [long.growing(good, 60), { series: of(chat, '500'), values: `0+600000x10 6000000x40` }],
      checks: [
        { atMillis: 10 * minute, firing: firing(rates) },
        // Five minutes without one.
        { atMillis: 17 * minute, firing: firing(rates.filter((rate) => !fast.includes(rate))) },
        // Half an hour: no page is left.
        { atMillis: 45 * minute, firing: firing(rates.filter((rate) => !page.includes(rate))) },
      ],
    },
    {
      alert,
      shows: 'four failures are too few to wake somebody up',
      everyMillis,
      series: [
        { series: of(chat, '500'), values: '0x3 1 2 3 4x9' },
        { series: good, values: '0x20' },
      ],
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'six are enough',
      everyMillis,
      series: [
        { series: of(chat, '500'), values: '0x3 1 2 3 4 5 6x9' },
        { series: good, values: '0x20' },
      ],
      checks: [{ atMillis: 11 * minute, firing: firing(rates) }],
    },
    {
      alert,
      shows: 'probes, clients that left and clients that are refused are no failures',
      everyMillis,
      series: [
        short.growing(of('/ready', '503'), 60),
        short.growing(of('/v1/health', '503'), 60),
        short.growing(of('/hadal/profile', '500'), 60),
        short.growing(of(chat, '429'), 60),
        short.growing(of(chat, '499'), 60),
        short.growing(of(chat, '400'), 60),
        short.growing(good, 1),
      ],
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'a gateway that is started again begins its counts anew: no failures',
      everyMillis,
      series: [
        { series: good, values: '100000+600x5 0+600x5' },
        { series: of(chat, '500'), values: '5000x5 0x5' },
      ],
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'without requests, or without metrics, nothing can be said',
      everyMillis,
      series: [short.steady(good, 100), { series: of(chat, '500'), values: '50x3 _x10' }],
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
  ]
}
