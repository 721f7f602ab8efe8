/** Runs all checks on the output of `hadal monitor`, in order, with their results. */

import { nobody } from '@hadal/config'
import { type Deployment, type MissingName, receiversOf } from '@hadal/fleet'
import { type CheckOutcome, runCheck } from './run-check.ts'

export interface Check {
  /** As it would be typed, without its paths: `promtool test rules`. */
  readonly name: string
  run(): Promise<CheckOutcome>
}

export interface CheckTools {
  readonly promtool: string
  readonly amtool: string
  /** Where the files were rendered to. */
  readonly folder: string
}

/** Checks of the files: syntax, rule unit tests, and alert routing by severity. */
export function fileChecks(
  { monitor, monitoring }: Pick<Deployment, 'monitor' | 'monitoring'>,
  { promtool, amtool, folder }: CheckTools,
): readonly Check[] {
  const check = (name: string, program: string, ...args: string[]): Check => ({
    name,
    run: () => runCheck(program, args, { folder }),
  })
  const route = (severity: 'page' | 'ticket'): Check => {
    const receivers = receiversOf(monitor, severity).map(({ name }) => name)
    const expected = receivers.length === 0 ? nobody : receivers.join(',')
    return check(
      `amtool config routes test severity=${severity}`,
      amtool,
      'config',
      'routes',
      'test',
      '--config.file=alertmanager.yml',
      `--verify.receivers=${expected}`,
      `severity=${severity}`,
    )
  }
  return [
    check('promtool check rules', promtool, 'check', 'rules', 'rules/rules.yaml'),
    check('promtool test rules', promtool, 'test', 'rules', 'rules/rules-test.yaml'),
    ...(monitoring.how === 'annotations'
      ? [check('promtool check config', promtool, 'check', 'config', 'prometheus.yml')]
      : []),
    check('amtool check-config', amtool, 'check-config', 'alertmanager.yml'),
    route('page'),
    route('ticket'),
  ]
}

/** Checks a response of `/metrics`. Prometheus discourages colons in names; vLLM and llama.cpp use one. */
export function metricsCheck(text: string, { promtool, folder }: CheckTools): Check {
  return {
    name: 'promtool check metrics',
    async run() {
      const { said, isOk } = await runCheck(promtool, ['check', 'metrics'], { folder, input: text })
      const lines = said.split('\n').filter((line) => line !== '' && !/^(vllm|llamacpp):/.test(line))
      return { isOk: isOk || lines.length === 0, said: lines.join('\n') }
    },
  }
}

/**
 * Metric names that rules and dashboards query: one line for each name, with a suggestion and its number of
 * uses.
 */
export function namesCheck(missing: readonly MissingName[], url: string | undefined): Check {
  const lines = missing.map(({ name, label, nearest }) => {
    const what = label === undefined ? `nobody exports ${name}` : `${name} has no label ${label}`
    return nearest === undefined ? what : `${what}; did you mean ${nearest}?`
  })
  const counted = [...new Set(lines)].map((line) => {
    const times = lines.filter((other) => other === line).length
    return times === 1 ? line : `${line} (asked for ${times} times)`
  })
  return {
    name: url === undefined ? 'names of metrics, as pinned' : `names of metrics, at ${url}`,
    run: async () => ({ isOk: missing.length === 0, said: counted.join('\n') }),
  }
}
