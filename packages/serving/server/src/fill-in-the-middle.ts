/**
 * Prompts for fill-in-the-middle: prefix and suffix framed by the model's FIM tokens, prefix first, optionally preceded by other files.
 * Dialect-independent.
 */

import type { Engine, FimTokens } from '@hadal/engine'
import { fimUnsupported } from './errors.ts'

export interface MiddleRequest {
  readonly prefix: string | readonly number[]
  readonly suffix: string | readonly number[]
  /** Other files of the repository, most relevant last. Truncated from the start to the available context. */
  readonly files?: readonly { readonly name: string; readonly text: string }[]
  /** Context tokens reserved for output. */
  readonly reserved?: number
}

/** Throws `fim_unsupported`. */
export async function fillInTheMiddle(engine: Engine, request: MiddleRequest): Promise<readonly number[]> {
  const { fim, id, contextLength } = engine.model
  if (fim === undefined) throw fimUnsupported(id)
  const { files, reserved = 0 } = request
  const read = async (text: string | readonly number[]): Promise<readonly number[]> =>
    typeof text === 'string' ? (text === '' ? [] : engine.tokenize(text, { addSpecial: false })) : text
  const [bos, prefix, suffix, ...context] = await Promise.all([
    engine.tokenize('', { addSpecial: true }),
    read(request.prefix),
    read(request.suffix),
    ...(files === undefined ? [] : contextTexts(fim, files)).map(read),
  ])
  return middlePrompt(fim, { bos, prefix, suffix, context }, contextLength - reserved)
}

/** The prompt tokens that belong to the prefix. */
export function prefixOf<Token extends { readonly token: number }>(
  fim: FimTokens,
  prompt: readonly Token[],
): readonly Token[] {
  const begin = prompt.findIndex(({ token }) => token === fim.prefix) + 1
  const end = prompt.findIndex(({ token }, index) => index >= begin && token === fim.suffix)
  return prompt.slice(begin, end)
}

/** The context between the model's repository and file tokens; models without them get a comment line per file. */
function contextTexts(
  { repository, separator }: FimTokens,
  files: readonly { readonly name: string; readonly text: string }[],
): (string | readonly number[])[] {
  const heading = repository === undefined ? [] : [[repository], 'myproject\n']
  const bodies = files.flatMap(({ name, text }) =>
    separator === undefined ? [`\n\n--- snippet ---\n\n${text}`] : [[separator], `${name}\n${text}`],
  )
  return [...heading, ...bodies, ...(separator === undefined ? [] : [[separator], 'filename\n'])]
}

export interface MiddleParts {
  readonly bos: readonly number[]
  readonly prefix: readonly number[]
  readonly suffix: readonly number[]
  readonly context: readonly (readonly number[])[]
}

/** In llama-server's order. Only the context is truncated, at its start, to `room` tokens. */
export function middlePrompt(fim: FimTokens, parts: MiddleParts, room: number): number[] {
  const own = [fim.prefix, ...parts.prefix, fim.suffix, ...parts.suffix, fim.middle]
  const context = parts.context.flat()
  const left = Math.max(0, room - own.length - parts.bos.length)
  return [...context.slice(Math.max(0, context.length - left)), ...parts.bos, ...own]
}
