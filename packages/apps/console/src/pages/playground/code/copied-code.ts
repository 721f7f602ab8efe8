/** A request as runnable code: the same body as sent by the page, with the key from the environment. Pure. */

import { asCurl } from './as-curl.ts'
import { asPython } from './as-python.ts'
import { asTypescript } from './as-typescript.ts'
import type { CodeRequest } from './code-request.ts'

export type CodeLanguage = 'curl' | 'typescript' | 'python'

export function copiedCode(language: CodeLanguage, request: CodeRequest): string {
  return { curl: asCurl, typescript: asTypescript, python: asPython }[language](request)
}
