/**
 * A service's `alertmanager.yml`: routes, grouping and inhibition. Uses the labels that every alert of `rulesOf` has: severity,
 * service, slo, and model_name for a model. Secrets are in files that Alertmanager reads, never here.
 */

import { type Monitor, nobody, type SmtpEntry } from '@hadal/config'
import { stringify } from 'yaml'
import type { Deployment } from '../deployment/deployment.ts'
import { promDuration } from '../rules/prom-duration.ts'
import { receiverConfig } from './receiver-configs.ts'
import { receiversOf, type Severity } from './severity-routes.ts'

/**
 * Text of a file that `amtool check-config` accepts.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { alertmanagerConfig } from '@hadal/fleet'
 *
 * const text = alertmanagerConfig(deployment) // routes and receivers, for Alertmanager
 * text.includes('receivers:') // → true
 * ```
 */
export function alertmanagerConfig({ name, monitor }: Pick<Deployment, 'name' | 'monitor'>): string {
  const config = {
    ...(monitor.smtp !== undefined && { global: smtpConfig(monitor.smtp) }),
    route: {
      receiver: nobody,
      group_by: ['alertname', 'namespace', 'service', 'model_name'],
      group_wait: promDuration(monitor.groupWaitMillis ?? 30_000),
      group_interval: promDuration(monitor.groupIntervalMillis ?? 300_000),
      repeat_interval: promDuration(monitor.repeatTicketMillis ?? 86_400_000),
      routes: [
        {
          matchers: ['severity = "page"'],
          repeat_interval: promDuration(monitor.repeatPageMillis ?? 3_600_000),
          ...toEach(monitor, 'page'),
        },
        { matchers: ['severity = "ticket"'], ...toEach(monitor, 'ticket') },
        ...(receiversOf(monitor, 'other').length > 0 ? [toEach(monitor, 'other')] : []),
      ],
    },
    inhibit_rules: inhibitions,
    receivers: [{ name: nobody }, ...monitor.receivers.map(receiverConfig)],
  }
  const head = `# Alert receivers of ${name}: rendered by \`hadal monitor render\`; change the config file instead of this file.\n`
  return head + stringify(config, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** All of them get it: each but the last lets the next one have it, too. */
function toEach(monitor: Monitor, severity: Severity): object {
  const receivers = receiversOf(monitor, severity)
  if (receivers.length === 0) return { receiver: nobody }
  return {
    routes: receivers.map((entry, at) => ({
      receiver: entry.name,
      ...(at < receivers.length - 1 && { continue: true }),
    })),
  }
}

const sameService = ['namespace', 'service']
const symptoms = 'slo =~ "latency|ttft|backlog"'
const isDown = ['severity = "page"', 'slo = "engine"']

/** An alert of an engine has its model's name; one of a whole service has none, and silences what follows for all models. */
const inhibitions = [
  {
    source_matchers: ['severity = "page"'],
    target_matchers: ['severity = "ticket"'],
    equal: [...sameService, 'slo', 'model_name'],
  },
  {
    source_matchers: [...isDown, 'model_name = ""'],
    target_matchers: [symptoms],
    equal: sameService,
  },
  {
    source_matchers: [...isDown, 'model_name != ""'],
    target_matchers: [symptoms],
    equal: [...sameService, 'model_name'],
  },
]

function smtpConfig({ host, from, username, passwordFile, requireTls = true }: SmtpEntry): object {
  return {
    smtp_smarthost: host,
    smtp_from: from,
    ...(username !== undefined && { smtp_auth_username: username }),
    ...(passwordFile !== undefined && { smtp_auth_password_file: passwordFile }),
    smtp_require_tls: requireTls,
  }
}
