/** Values that are secrets on this machine: of its variables, and of the settings of the service. Kept nowhere. */

import type { LoadedService } from './probes/service-settings.ts'

const secretName =
  /key|token|secret|password|passwd|passphrase|authorization|credential|cookie|headers|webhook|url|database/i

export function knownSecrets(
  env: Readonly<Record<string, string | undefined>>,
  { settings }: LoadedService,
): string[] {
  const ofVariables = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && /key|token|secret|passw|credential|auth/i.test(name)
      ? [value, ...value.split(',').map((part) => part.trim())]
      : [],
  )
  // Paths of files with secrets are none, and stand in many sentences.
  return [...ofVariables, ...secretsIn(settings?.values ?? {}, false)].filter(
    (secret) => !/^[\w.-]*\/[^:]*$/.test(secret),
  )
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
    secretsIn(inner, isSecret || (secretName.test(name) && !/tokens$|^max|url|database/i.test(name))),
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
