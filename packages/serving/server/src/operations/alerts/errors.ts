/** What goes wrong with looking at alerts. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const runbookUnknown: ErrorMaker<[alert: string]> = defineError({
  code: 'runbook_unknown',
  status: 404,
  when: 'GET /hadal/alerts/:alert/runbook names an alert that has no page: alerts of one’s own have none here.',
  message: (alert) => `there is no runbook of ${JSON.stringify(alert)}`,
  help: 'GET /hadal/alerts lists the alerts; docs/runbooks/README.md lists the pages.',
})
