/** A receiver in Alertmanager's format: content, template, and the files of its secrets. */

import type { ReceiverEntry } from '@hadal/config'

const name = '{{ .CommonLabels.alertname }}'
const of =
  '{{ with .CommonLabels.service }} {{ . }}{{ end }}{{ with .CommonLabels.model_name }} {{ . }}{{ end }}'
const state =
  '{{ if eq .Status "firing" }}{{ .CommonLabels.severity }} ({{ .Alerts.Firing | len }}){{ else }}resolved{{ end }}'

/** `page (2): HadalLatencyHigh hadal qwen3-8b`, or `over: ...`. */
export const titleTemplate: string = `${state}: ${name}${of}`

/** Summary and runbook of each alert. */
export const textTemplate: string = [
  '{{ range .Alerts }}{{ if eq .Status "resolved" }}resolved: {{ end }}{{ .Annotations.summary }}',
  '{{ .Annotations.description }}',
  '{{ with .Annotations.runbook_url }}Runbook: {{ . }}{{ end }}',
  '',
  '{{ end }}',
].join('\n')

export function receiverConfig(entry: ReceiverEntry): Readonly<Record<string, unknown>> {
  const { webhook, webhookFile, slackChannel, slackUrlFile, email, pagerdutyKeyFile } = entry
  return {
    name: entry.name,
    ...((webhook !== undefined || webhookFile !== undefined) && {
      webhook_configs: [
        { ...(webhook !== undefined ? { url: webhook } : { url_file: webhookFile }), send_resolved: true },
      ],
    }),
    ...(slackUrlFile !== undefined && {
      slack_configs: [
        {
          api_url_file: slackUrlFile,
          channel: slackChannel,
          send_resolved: true,
          title: titleTemplate,
          text: textTemplate,
        },
      ],
    }),
    ...(email !== undefined && {
      email_configs: [{ to: email, send_resolved: true, headers: { Subject: titleTemplate } }],
    }),
    ...(pagerdutyKeyFile !== undefined && {
      pagerduty_configs: [
        {
          routing_key_file: pagerdutyKeyFile,
          send_resolved: true,
          description: titleTemplate,
          severity: '{{ if eq .CommonLabels.severity "page" }}critical{{ else }}warning{{ end }}',
        },
      ],
    }),
  }
}
