/** A page that a run left, as text for a browser: other texts become a page that shows them as they are. */

import { join } from 'node:path'
import type { ReportAnswer } from '@hadal/server'
import { openRunFile } from './open-run-file.ts'

const maxMebibytes = 32

/** `path` must be one of those listed. Undefined if it is gone. */
export async function readReport(folder: string, path: string): Promise<ReportAnswer | undefined> {
  const file = await openRunFile(join(folder, path))
  if (file === undefined) return undefined
  try {
    if ((await file.stat()).size > maxMebibytes * 1024 ** 2) return { maxMebibytes }
    const text = await file.readFile('utf8')
    return { text: /\.html$/i.test(path) ? text : asPage(path, text) }
  } finally {
    await file.close()
  }
}

const asPage = (title: string, text: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<h1>${escaped(title)}</h1>
<pre style="white-space: pre-wrap">${escaped(text)}</pre>
</html>
`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
