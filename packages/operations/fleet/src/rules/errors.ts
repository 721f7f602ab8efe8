/** What the rules refuse. */

import { defineError, type ErrorMaker } from '@hadal/base'
import { promDuration } from './prom-duration.ts'

export const scrapedTooSeldom: ErrorMaker<[millis: number]> = defineError({
  code: 'monitor_scrape_interval',
  status: 500,
  when: 'Metrics are to be scraped so seldom that a rate over five minutes has few samples, and what shall hold for minutes is not seen every minute: alerts would fire late or not at all.',
  message: (millis) => `monitor.scrapeIntervalMillis is ${promDuration(millis)}: alerts go by minutes`,
  help: 'Set monitor.scrapeIntervalMillis to 60s or less; 15s is usual.',
})
