/** For a shell. The body is in a quoted heredoc, because it may be long and contain quotes. */

import type { CodeRequest } from './code-request.ts'

export function asCurl({ origin, body, isStreamed }: CodeRequest): string {
  const json = JSON.stringify({ ...body, ...(isStreamed && { stream: true }) }, null, 2)
  return [
    `curl ${isStreamed ? '-N ' : ''}${shellWord(`${origin}/v1/chat/completions`)} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -H "authorization: Bearer $HADAL_API_KEY" \\`,
    // No line of JSON is this word alone.
    `  --data-binary @- <<'JSON'`,
    json,
    'JSON',
    '',
  ].join('\n')
}

const shellWord = (text: string): string =>
  /^[\w:/.[\]-]+$/.test(text) && !text.includes('[') ? text : `'${text.replaceAll("'", `'\\''`)}'`
