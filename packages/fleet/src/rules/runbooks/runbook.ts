/** A page for whoever an alert wakes up, as data, and as Markdown. Knows no alert. */

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

export type Step =
  | { readonly shell: string; readonly says: string }
  | { readonly promql: string; readonly says: string }

/** The page, in Markdown. */
export function runbookPage({ alert, means, clients, look, causes, act, wrong }: Runbook): string {
  return `# ${alert}

${means}

## What clients see

${clients}

## Look first

${look.map(stepLines).join('\n\n')}

## Likely causes

${causes.map((cause, at) => `${at + 1}. ${cause}`).join('\n')}

## What to do

${act.map((each, at) => `${at + 1}. ${each}`).join('\n')}

## When it is wrong

${wrong}

## Silence it

While somebody works on it, for as long as that may take:

\`\`\`sh
amtool silence add alertname=${alert} --duration 2h --author "$USER" --comment 'why, and who is at it'
\`\`\`

Add \`service=NAME\` or \`model_name=NAME\` where only one of several is meant. Thresholds follow from the config: [what is promised, and what becomes of it](../monitor.md#what-is-promised-and-what-becomes-of-it). An alert that is silenced every week has the wrong one.
`
}

function stepLines(step: Step): string {
  const [kind, text] = 'shell' in step ? ['sh', step.shell] : ['promql', step.promql]
  return `${step.says}\n\n\`\`\`${kind}\n${text}\n\`\`\``
}
