/** Which receivers get alerts of which severity. */

import type { Monitor, ReceiverEntry } from '@hadal/config'

/** `other` has neither severity: alerts of other systems that share an Alertmanager. */
export type Severity = 'page' | 'ticket' | 'other'

/** @internal */
export function receiversOf({ receivers }: Pick<Monitor, 'receivers'>, severity: Severity): ReceiverEntry[] {
  return receivers.filter((entry) => entry.severity === undefined || entry.severity === severity)
}

/**
 * Alerts without a receiver, in a sentence each: a config may mean it, and should not by accident.
 *
 * @internal
 */
export function silenceOf(monitor: Pick<Monitor, 'receivers'>): readonly string[] {
  if (monitor.receivers.length === 0)
    return ['alerts are not sent to anyone: monitor.receivers in the config is empty']
  const silent = (['page', 'ticket'] as const).filter(
    (severity) => receiversOf(monitor, severity).length === 0,
  )
  return silent.map(
    (severity) => `alerts of severity ${severity} are not sent to anyone: no receiver accepts that severity`,
  )
}
