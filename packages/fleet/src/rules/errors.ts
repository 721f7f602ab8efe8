/** What the rules refuse. */

import { defineError, type ErrorMaker } from '@hadal/base'
import { promDuration } from './prom-duration.ts'

export const scrapedTooSeldom: ErrorMaker<[millis: number]> = defineError({
  code: 'monitor_scrape_interval',
  status: 500,
  when: 'Metrics are to be scraped so seldom that a rate over five minutes has fewer than four samples: alerts would fire late or not at all.',
  message: (millis) =>
    `monitor.scrapeIntervalMillis is ${promDuration(millis)}: rates over 5m need four samples`,
  help: 'Set monitor.scrapeIntervalMillis to 75s or less; 15s is usual.',
})
