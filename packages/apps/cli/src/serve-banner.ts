/** The startup banner of `hadal serve`: address, models, reasons, and an example request. */

import { formatBytes, formatCount } from '@hadal/base'
import type { ModelInfo, TensorSpec } from '@hadal/engine'
import type { Style } from '@hadal/output'
import { formatTable, recognise, say } from '@hadal/output'
import { version } from '@hadal/service'

export interface ServeBanner {
  readonly url: string
  /** Source of the address; empty for the default. */
  readonly addressReason: string
  /** The server has a page at `/`. */
  readonly hasConsole?: boolean
  /** The admin address, if it is separate. */
  readonly adminUrl?: string
  readonly models: readonly BannerModel[]
  /** `name: value (reason)`. */
  readonly choices: readonly string[]
  readonly needsKey: boolean
  readonly isBundled: boolean
  /** The command the user ran: `hadal serve` or `npm start --`. */
  readonly invocation: string
}

export interface BannerModel {
  readonly id: string
  readonly facts: readonly string[]
  /** Its file, or its upstream servers. */
  readonly source: string
  /** How it was resolved. */
  readonly reason?: string
  /** Absent while it is not loaded. */
  readonly info?: Pick<ModelInfo, 'can' | 'chatTemplate' | 'images' | 'tensors'>
}

/** For a loaded model. */
export function describeModel(model: ModelInfo, reason: string): BannerModel {
  const facts = [
    say`${formatCount(model.parameterCount)} parameters`,
    model.architecture,
    formatBytes(model.fileBytes),
    ...(model.tensors === undefined
      ? [say`context ${model.contextLength} tokens`]
      : model.tensors.inputs.map(describeInput)),
    ...(model.images === undefined
      ? []
      : [say`images of ${model.images.size} x ${model.images.size} pixels`]),
  ]
  return { id: model.id, facts, source: model.path, reason, info: model }
}

/** `input float32 [batch, 3, 224, 224]`. */
const describeInput = ({ name, dtype, dims }: TensorSpec): string =>
  `${name} ${dtype} [${dims.map((dim) => (dim === '' ? '?' : dim)).join(', ')}]`

export function serveBanner(banner: ServeBanner, style: Style): string {
  const { url, hasConsole = false, adminUrl, addressReason, models, choices, isBundled, invocation } = banner
  const { bold, dim, cyan } = style
  const rows = [
    [
      dim(say`address`),
      `${bold(cyan(`${url}/v1`))}${addressReason === '' ? '' : dim(` (${addressReason})`)}`,
    ],
    ...(hasConsole ? [[dim(say`console`), cyan(`${url}/`)]] : []),
    ...(adminUrl === undefined ? [] : [[dim(say`administrators`), adminUrl]]),
    ...models.flatMap((model) => modelRows(model, models.length === 1, style)),
    ...choices.map((choice) => choiceRow(choice, style)),
  ]
  const bigger = [
    say`Serve a bigger model:`,
    `  ${invocation} --model ${biggerModel}`,
    `  ${invocation} --model path/to/model.gguf`,
  ]
  return [
    `${bold('hadal')} ${version}`,
    '',
    formatTable(rows, ['left', 'left']),
    '',
    say`Try it:`,
    `  ${curl(banner)}`,
    ...(isBundled ? ['', ...bigger] : []),
    '',
    dim(say`Ctrl-C finishes running requests and stops.`),
    '',
  ].join('\n')
}

function modelRows(
  { id, facts, source, reason }: BannerModel,
  isOnly: boolean,
  { bold, dim }: Style,
): string[][] {
  const name = `${bold(id)} ${dim(`(${facts.join(', ')})`)}`
  const found = reason === undefined ? source : `${source} ${dim(`(${recognise(reason)})`)}`
  return isOnly
    ? [
        [dim(say`model`), name],
        [dim(say`file`), found],
      ]
    : [[dim(say`model`), `${name} ${dim(say`from`)} ${found}`]]
}

const biggerModel = 'hf:unsloth/DeepSeek-R1-Distill-Qwen-1.5B-GGUF:Q4_K_M'

/** `threads: 2 (physical cores)` in columns. */
function choiceRow(choice: string, { dim }: Style): string[] {
  const match = /^([^:]+): (.*?)(?: (\(.*\)))?$/.exec(recognise(choice))
  if (match === null) return [dim(say`note`), choice]
  const [, name, value, reason] = match
  return [dim(name!), reason === undefined ? value! : `${value} ${dim(reason)}`]
}

/** Quoted for a POSIX shell. */
export function curl({ url, models, needsKey }: Pick<ServeBanner, 'url' | 'models' | 'needsKey'>): string {
  const model = models[0]!
  // Its input may be a million numbers, so the example requests its metadata instead.
  if (model.info?.tensors !== undefined)
    return [
      `curl ${url}/v2/models/${encodeURIComponent(model.id)}`,
      ...(needsKey ? [`-H 'authorization: Bearer YOUR_KEY'`] : []),
    ].join(' \\\n    ')
  const [path, body] = example(model.info ?? anyChat)
  return [
    `curl -N ${url}/v1/${path} -H 'content-type: application/json'`,
    ...(needsKey ? [`-H 'authorization: Bearer YOUR_KEY'`] : []),
    `-d '${JSON.stringify({ model: model.id, ...body })}'`,
  ].join(' \\\n    ')
}

/** The most common kind of model. */
const anyChat: NonNullable<BannerModel['info']> = {
  can: { generate: true, embed: false, rerank: false },
  chatTemplate: '',
}

/** A single pixel. */
const redDot =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'

/** An example request for the model's capability. */
function example({
  can,
  chatTemplate,
  images,
}: NonNullable<BannerModel['info']>): readonly [path: string, body: object] {
  if (!can.generate)
    return can.embed
      ? [
          'embeddings',
          { input: ['A cat is happy.', images === undefined ? 'Something purrs.' : { image: redDot }] },
        ]
      : ['rerank', { query: 'What purrs?', documents: ['A dog barks.', 'A cat is happy.'] }]
  if (chatTemplate === undefined)
    return ['completions', { prompt: 'Once upon a time', max_tokens: 64, stream: true }]
  return ['chat/completions', { messages: [{ role: 'user', content: 'Hello! Who are you?' }], stream: true }]
}
