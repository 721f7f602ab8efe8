/** What `hadal serve` says once it serves: where, what, why so, and what to try. */

import { formatBytes, formatCount } from '@hadal/base'
import type { ModelInfo } from '@hadal/engine'
import type { Style } from './style.ts'
import { formatTable } from './table.ts'
import { version } from './version.ts'

export interface ServeBanner {
  readonly url: string
  /** Where the address was said; empty where it is the default. */
  readonly addressReason: string
  readonly model: ModelInfo
  /** How the model was found. */
  readonly modelReason: string
  /** `name: value (reason)`. */
  readonly choices: readonly string[]
  readonly needsKey: boolean
  readonly isBundled: boolean
  /** As the user started it: `hadal serve` or `npm start --`. */
  readonly invocation: string
}

export function serveBanner(banner: ServeBanner, style: Style): string {
  const { url, addressReason, model, modelReason, choices, isBundled, invocation } = banner
  const { bold, dim, cyan } = style
  const facts = [
    `${formatCount(model.parameterCount)} parameters`,
    model.architecture,
    formatBytes(model.fileBytes),
    `context ${model.contextLength} tokens`,
  ]
  const rows = [
    [dim('address'), `${bold(cyan(`${url}/v1`))}${addressReason === '' ? '' : dim(` (${addressReason})`)}`],
    [dim('model'), `${bold(model.id)} ${dim(`(${facts.join(', ')})`)}`],
    [dim('file'), `${model.path} ${dim(`(${modelReason})`)}`],
    ...choices.map((choice) => choiceRow(choice, style)),
  ]
  const bigger = [
    'Serve a bigger model:',
    `  ${invocation} --model ${biggerModel}`,
    `  ${invocation} --model path/to/model.gguf`,
  ]
  return [
    `${bold('hadal')} ${version}`,
    '',
    formatTable(rows, ['left', 'left']),
    '',
    'Try it:',
    `  ${curl(banner)}`,
    ...(isBundled ? ['', ...bigger] : []),
    '',
    dim('Ctrl-C finishes what is under way and stops.'),
    '',
  ].join('\n')
}

const biggerModel = 'hf:unsloth/DeepSeek-R1-Distill-Qwen-1.5B-GGUF:Q4_K_M'

/** `threads: 2 (physical cores)` in columns. */
function choiceRow(choice: string, { dim }: Style): string[] {
  const match = /^([^:]+): (.*?)(?: (\(.*\)))?$/.exec(choice)
  if (match === null) return [dim('note'), choice]
  const [, name, value, reason] = match
  return [dim(name!), reason === undefined ? value! : `${value} ${dim(reason)}`]
}

/** Quoted for a POSIX shell. */
export function curl({ url, model, needsKey }: ServeBanner): string {
  const [path, body] = example(model)
  return [
    `curl -N ${url}/v1/${path} -H 'content-type: application/json'`,
    ...(needsKey ? [`-H 'authorization: Bearer YOUR_KEY'`] : []),
    `-d '${JSON.stringify({ model: model.id, ...body })}'`,
  ].join(' \\\n    ')
}

/** What the model can do, asked of it. */
function example({ can, chatTemplate }: ModelInfo): readonly [path: string, body: object] {
  if (!can.generate)
    return can.embed
      ? ['embeddings', { input: ['A cat is happy.', 'Something purrs.'] }]
      : ['rerank', { query: 'What purrs?', documents: ['A dog barks.', 'A cat is happy.'] }]
  if (chatTemplate === undefined)
    return ['completions', { prompt: 'Once upon a time', max_tokens: 64, stream: true }]
  return ['chat/completions', { messages: [{ role: 'user', content: 'Hello! Who are you?' }], stream: true }]
}
