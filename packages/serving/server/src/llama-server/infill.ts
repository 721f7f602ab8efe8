/**
 * POST /infill (llama-server): code between a prefix and a suffix, after other files of its repository. Responds like /completion. Unlike
 * llama-server, it never truncates prefix or suffix to a share of the batch.
 */

import type { Engine } from '@hadal/engine'
import { type InfillRequest, type InfillText, infillSchema, parse } from '@hadal/protocol'
import type { Dialect } from '../dialect.ts'
import { fillInTheMiddle } from '../fill-in-the-middle.ts'
import { checkSequences } from '../openai/read-request.ts'
import type { RequestDefaults } from '../request-defaults.ts'
import { answersFor, nativeExchange, nativeTokenLimit } from './completion.ts'
import { llamaServerErrors } from './error-body.ts'
import { mixedTokens } from './read-prompt.ts'

export function llamaServerInfill(defaults: RequestDefaults): Dialect {
  return {
    ...llamaServerErrors,
    paths: ['/infill'],
    async read(input, { models, accept, maxSequences }) {
      const body = accept(parse(infillSchema, input))
      const engine = models.find(body.model)
      checkSequences(1, answersFor(body), maxSequences)
      const prompt = await infillPrompt(engine, body, nativeTokenLimit(body, defaults) ?? 0)
      return nativeExchange(body, { engine, prompts: [prompt], texts: infillTexts(body) }, defaults)
    },
  }
}

/** Throws `fim_unsupported`. */
async function infillPrompt(
  engine: Engine,
  { input_prefix, input_suffix, prompt = '', input_extra = [] }: InfillRequest,
  reserved: number,
): Promise<readonly number[]> {
  const [before, begun, suffix] = await Promise.all([
    mixedTokens(engine, input_prefix, { parseSpecial: false }),
    mixedTokens(engine, prompt, { parseSpecial: true }),
    mixedTokens(engine, input_suffix, { parseSpecial: false }),
  ])
  return fillInTheMiddle(engine, {
    prefix: [...before, ...begun],
    suffix,
    files: input_extra.map(({ filename, text }) => ({ name: filename ?? 'tmp', text })),
    reserved,
  })
}

/** The client's texts, for screening. */
function infillTexts({ input_prefix, input_suffix, prompt, input_extra = [] }: InfillRequest): string[] {
  const texts = (given: InfillText): string[] =>
    typeof given === 'string' ? [given] : given.filter((part) => typeof part === 'string')
  return [
    ...input_extra.map(({ text }) => text),
    ...texts(input_prefix),
    ...(prompt === undefined ? [] : [prompt]),
    ...texts(input_suffix),
  ]
}
