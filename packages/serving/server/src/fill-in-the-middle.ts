/**
 * Prompts for filling in the middle: what stands before and after, framed by the tokens a model was trained on for that,
 * prefix first. Other files may stand before it all. Knows no dialect.
 */

import type { Engine, FimTokens } from '@hadal/engine'
import { fimUnsupported } from './errors.ts'

export interface MiddleRequest {
  readonly prefix: string | readonly number[]
  readonly suffix: string | readonly number[]
  /** Other files of a repository, the nearest last. As many of their last tokens are given as there is room for. */
  readonly files?: readonly { readonly name: string; readonly text: string }[]
  /** Tokens of the context that are not for the prompt. */
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

/** Of the tokens of such a prompt those that stand before what is filled in. */
export function prefixOf<Token extends { readonly token: number }>(
  fim: FimTokens,
  prompt: readonly Token[],
): readonly Token[] {
  const begin = prompt.findIndex(({ token }) => token === fim.prefix) + 1
  const end = prompt.findIndex(({ token }, index) => index >= begin && token === fim.suffix)
  return prompt.slice(begin, end)
}

/** Texts between the tokens for a repository and its files; without such tokens, a line that says where one begins. */
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

/** As llama-server orders them. Only the context is cut, at its beginning, to what `room` leaves. */
export function middlePrompt(fim: FimTokens, parts: MiddleParts, room: number): number[] {
  const own = [fim.prefix, ...parts.prefix, fim.suffix, ...parts.suffix, fim.middle]
  const context = parts.context.flat()
  const left = Math.max(0, room - own.length - parts.bos.length)
  return [...context.slice(Math.max(0, context.length - left)), ...parts.bos, ...own]
}
