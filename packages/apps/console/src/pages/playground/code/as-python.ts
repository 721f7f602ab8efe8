/** For Python, with OpenAI's SDK. */

import { apart, type CodeRequest } from './code-request.ts'

export function asPython({ origin, body, isStreamed }: CodeRequest): string {
  const { known, extra } = apart(body)
  const fields = [
    ...Object.entries(known).map(([name, value]) => `    ${name}=${literal(value, 1)},`),
    ...(isStreamed ? ['    stream=True,'] : []),
    ...(Object.keys(extra).length > 0 ? [`    extra_body=${literal(extra, 1)},`] : []),
  ]
  return [
    'import os',
    '',
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url=${JSON.stringify(`${origin}/v1`)},`,
    '    api_key=os.environ.get("HADAL_API_KEY", "none"),',
    ')',
    '',
    `${isStreamed ? 'stream' : 'completion'} = client.chat.completions.create(`,
    ...fields,
    ')',
    '',
    ...(isStreamed
      ? [
          'for chunk in stream:',
          '    if chunk.choices:',
          '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
        ]
      : ['print(completion.choices[0].message)']),
    '',
  ].join('\n')
}

/** JSON strings are valid Python strings; its three literals are not. */
function literal(value: unknown, depth: number): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || value === undefined) return 'None'
  if (typeof value !== 'object') return JSON.stringify(value)
  const isList = Array.isArray(value)
  const entries = isList
    ? value.map((each) => literal(each, depth + 1))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([name, each]) => `${JSON.stringify(name)}: ${literal(each, depth + 1)}`)
  const [open, close] = isList ? '[]' : '{}'
  if (entries.length === 0) return `${open}${close}`
  const inner = '    '.repeat(depth + 1)
  return `${open}\n${entries.map((each) => `${inner}${each},\n`).join('')}${'    '.repeat(depth)}${close}`
}
