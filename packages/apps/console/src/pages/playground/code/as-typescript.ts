/** For Node, with OpenAI's SDK. */

import { apart, type CodeRequest } from './code-request.ts'

export function asTypescript({ origin, body, isStreamed }: CodeRequest): string {
  const { known, extra } = apart(body)
  const kind = isStreamed ? 'ChatCompletionCreateParamsStreaming' : 'ChatCompletionCreateParamsNonStreaming'
  const hasExtra = Object.keys(extra).length > 0
  const fields = [
    ...Object.entries(known).map(([name, value]) => `  ${name}: ${literal(value)},`),
    ...(isStreamed ? ['  stream: true,'] : []),
    ...(hasExtra ? ["  // Hadal's own, which the SDK passes on as they are."] : []),
    ...Object.entries(extra).map(([name, value]) => `  ${name}: ${literal(value)},`),
  ]
  return [
    `import OpenAI from 'openai'`,
    '',
    'const client = new OpenAI({',
    `  baseURL: ${JSON.stringify(`${origin}/v1`)},`,
    `  apiKey: process.env.HADAL_API_KEY ?? 'none',`,
    '})',
    '',
    `const ${isStreamed ? 'stream' : 'completion'} = await client.chat.completions.create({`,
    ...fields,
    `} as OpenAI.${kind})`,
    '',
    ...(isStreamed
      ? [
          'for await (const chunk of stream) {',
          `  process.stdout.write(chunk.choices[0]?.delta.content ?? '')`,
          '}',
        ]
      : ['console.log(completion.choices[0]?.message)']),
    '',
  ].join('\n')
}

/** JSON is a literal of JavaScript; within an object of two spaces more. */
const literal = (value: unknown): string => JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')
