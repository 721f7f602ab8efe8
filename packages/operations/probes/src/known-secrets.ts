/** Values that are secrets on this machine: of its variables, and of the settings of the service. Kept nowhere. */

import type { LoadedService } from './probes/service-settings.ts'

const secretName =
  /key|token|secret|password|passwd|passphrase|authorization|credential|cookie|headers|webhook/i
/** Names of files with secrets. */
const fileName = /(?:file|path|dir|folder)$|^tls/i
/** By its form; a key in base64 has slashes, too. */
const isPath = (text: string): boolean => /^(?:~|\.{1,2})?\/[^+=]*$/.test(text)

export function knownSecrets(
  env: Readonly<Record<string, string | undefined>>,
  { settings }: LoadedService,
): string[] {
  const ofVariables = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && !fileName.test(name) && /key|token|secret|passw|credential|auth/i.test(name)
      ? [value, ...value.split(',').map((part) => part.trim())]
      : [],
  )
  // Paths of files with secrets are none, and stand in many sentences.
  return [...ofVariables, ...secretsIn(settings?.values ?? {}, false)].filter((secret) => !isPath(secret))
}

function secretsIn(value: unknown, isSecret: boolean): string[] {
  if (typeof value === 'string') {
    const password = URL.canParse(value) ? new URL(value).password : ''
    return [
      ...(isSecret && !URL.canParse(value) ? [value] : []),
      ...(password === '' ? [] : [password, decode(password)]),
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    secretsIn(
      inner,
      isSecret || (secretName.test(name) && !fileName.test(name) && !/tokens$|^max|url|database/i.test(name)),
    ),
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
