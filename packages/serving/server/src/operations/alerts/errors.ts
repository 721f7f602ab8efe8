/** Errors of the alert routes. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const runbookUnknown: ErrorMaker<[alert: string]> = defineError({
  code: 'runbook_unknown',
  status: 404,
  when: 'GET /hadal/alerts/:alert/runbook names an alert without a runbook. Custom alerts have none here.',
  message: (alert) => `there is no runbook for ${JSON.stringify(alert)}`,
  help: 'GET /hadal/alerts lists the alerts; docs/runbooks/README.md lists the runbooks.',
})
