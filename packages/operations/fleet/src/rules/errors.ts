/** Errors of alerting rules. */

import { defineError, type ErrorMaker } from '@hadal/base'
import { promDuration } from './prom-duration.ts'

export const scrapedTooSeldom: ErrorMaker<[millis: number]> = defineError({
  code: 'monitor_scrape_interval',
  status: 500,
  when: 'The scrape interval is longer than 60 s. Alerts evaluate rates over five minutes and conditions that hold for minutes, so they would fire late or never.',
  message: (millis) =>
    `monitor.scrapeIntervalMillis is ${promDuration(millis)}, and alerts need at least one sample per minute`,
  help: 'Set monitor.scrapeIntervalMillis to 60s or less; 15s is usual.',
})
