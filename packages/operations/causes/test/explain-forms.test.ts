import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { causes } from '@hadal/causes'
import { decodeText, explain } from '@hadal/doctor'
import { expect, it } from 'vitest'
import { corpus } from './corpus/expected.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), 'corpus')
const start = Date.parse('2026-11-29T14:02:03Z')
const isoOf = (index: number): string => new Date(start + index * 1000).toISOString()

const eachLine =
  (change: (line: string, index: number) => string) =>
  (text: string): string =>
    `${text.replace(/\n$/, '').split('\n').map(change).join('\n')}\n`

const calm = Array.from(
  { length: 400 },
  (_, step) => `2026-11-29 13:00:00,000 INFO step ${step} loss 2.3 tokens 1024\n`,
).join('')

/** Changes that a log undergoes before it is a file. */
const forms: Readonly<Record<string, (text: string) => string>> = {
  'from Windows': eachLine((line) => `${line}\r`),
  'in colours': eachLine((line) => `\u001b[31m${line}\u001b[0m`),
  'in UTF-16': (text) => decodeText(Buffer.from(text, 'utf16le')),
  "in docker's json-file": eachLine((line, index) =>
    JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: isoOf(index) }),
  ),
  "in containerd's": eachLine((line, index) => `${isoOf(index).replace('Z', '123456Z')} stderr F ${line}`),
  'in the journal': eachLine((line) => `Nov 29 14:02:03 gpu-7 python3[4242]: ${line}`),
  'in the journal as JSON': eachLine((line, index) =>
    JSON.stringify({ __REALTIME_TIMESTAMP: String((start + index) * 1000), MESSAGE: line, _HOSTNAME: 'h' }),
  ),
  'from docker compose': eachLine((line) => `engine-1  | ${line}`),
  'from kubectl logs --prefix': eachLine((line) => `[pod/engine-0/engine] ${line}`),
  'from torchrun': eachLine((line) => `[rank0]: ${line}`),
  'after hours of calm': (text) => calm + text,
}

it.each(Object.entries(forms))('names the same cause of a text that comes %s', (_, form) => {
  for (const { files, cause } of corpus) {
    const inputs = files.map((name) => ({ name, text: form(readFileSync(join(folder, name), 'utf8')) }))
    const found = explain(inputs, causes, { now: start })
    expect([files[0], found.cause?.id]).toEqual([files[0], cause])
  }
})
