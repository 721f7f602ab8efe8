/** A runbook page for an alert, as data and as Markdown. */

export interface Runbook {
  readonly alert: string
  /** What is true when it fires. */
  readonly means: string
  /** What clients see of it. */
  readonly clients: string
  /** What to look at first, from the quickest. */
  readonly look: readonly Step[]
  /** The likeliest first. */
  readonly causes: readonly string[]
  /** In this order. */
  readonly act: readonly string[]
  /** When it fires and nothing is wrong, or does not and something is. */
  readonly wrong: string
}

/** Commands that need the database, or a file of a pod, run where both are. */
export const atGateway = 'kubectl -n hadal exec deploy/hadal-gateway'
export const itsConfig = '--config /etc/hadal/hadal.config.json'

export type Step =
  | { readonly shell: string; readonly says: string }
  | { readonly promql: string; readonly says: string }

/** The page, in Markdown. */
export function runbookPage({ alert, means, clients, look, causes, act, wrong }: Runbook): string {
  return `# ${alert}

${means}

## Client impact

${clients}

## Diagnosis

${look.map(stepLines).join('\n\n')}

## Likely causes

${causes.map((cause, at) => `${at + 1}. ${cause}`).join('\n')}

## Actions

${act.map((each, at) => `${at + 1}. ${each}`).join('\n')}

## False positives and notes

${wrong}

## Silence

During the fix:

\`\`\`sh
amtool --alertmanager.url=http://127.0.0.1:9093 silence add alertname=${alert} --duration 2h --author "$USER" --comment 'REASON'
\`\`\`

In a cluster \`kubectl -n monitoring port-forward svc/alertmanager-operated 9093\` forwards Alertmanager to that port. Add \`namespace=NAME\`, \`service=NAME\` or \`model_name=NAME\` to silence only one of several. Thresholds are derived from the config: [what is promised, and what becomes of it](../monitor.md#what-is-promised-and-what-becomes-of-it). If an alert is silenced every week, change its threshold.
`
}

function stepLines(step: Step): string {
  const [kind, text] = 'shell' in step ? ['sh', step.shell] : ['promql', step.promql]
  return `${step.says}\n\n\`\`\`${kind}\n${text}\n\`\`\``
}
