/**
 * What a program that a kubeconfig names says of who asks, as cloud providers have them
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). It is killed with the
 * command that started it: one that waits for a login keeps no command from ending.
 */

import { resolve } from 'node:path'
import type { Clock } from '@hadal/base'
import { runCommand } from '@hadal/output'

export interface ExecPlugin {
  readonly apiVersion?: string
  readonly command?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
}

export interface ExecCredential {
  readonly token?: string
  readonly certificate?: string
  readonly key?: string
}

export interface ExecCredentialOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of the kubeconfig: a command with a path is resolved relative to it. */
  readonly folder: string
  readonly clock: Pick<Clock, 'wallClock'>
  /** Ends the program. */
  readonly signal: AbortSignal
}

/** The user may have to log in with a browser. */
const limitMillis = 5 * 60_000
/** Cache time of credentials without an expiry. */
const keptMillis = 60_000

/**
 * Runs the program if no cached credential is valid, once for all concurrent callers. Rejects with the program's output, or its
 * absence.
 */
export function execCredential(
  plugin: ExecPlugin,
  { env, folder, clock, signal }: ExecCredentialOptions,
): () => Promise<ExecCredential> {
  let kept: { readonly credential: ExecCredential; readonly until: number } | undefined
  let running: Promise<ExecCredential> | undefined

  async function run(): Promise<ExecCredential> {
    const { apiVersion = 'client.authentication.k8s.io/v1', command = '', args } = plugin
    if (command === '') throw new Error('the kubeconfig names no command')
    const program = command.includes('/') ? resolve(folder, command) : command
    const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } })
    const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]))
    const reading = await runCommand([program, ...(args ?? [])], {
      limitMillis,
      env: { ...env, ...own, KUBERNETES_EXEC_INFO: info },
      signal,
      maxBytes: 1_000_000,
    })
    if ('failed' in reading) throw new Error(`${command}: ${reading.detail}${oneLine(reading.text)}`)
    const { credential, expiresAt } = read(command, reading.text)
    kept = { credential, until: expiresAt ?? clock.wallClock() + keptMillis }
    return credential
  }

  return async () => {
    if (kept !== undefined && clock.wallClock() < kept.until) return kept.credential
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }
}

interface Said {
  readonly credential: ExecCredential
  readonly expiresAt: number | undefined
}

/** Secret output that must not appear in any message. */
function read(command: string, text: string): Said {
  const { status } = parsed(command, text)
  const of = (name: string): string | undefined =>
    typeof status?.[name] === 'string' && status[name] !== '' ? status[name] : undefined
  const [token, certificate, key] = [of('token'), of('clientCertificateData'), of('clientKeyData')]
  if (token === undefined && (certificate === undefined || key === undefined))
    throw new Error(`${command} gave neither a token nor a certificate with its key`)
  const expiresAt = Date.parse(of('expirationTimestamp') ?? '')
  return {
    credential: {
      ...(token !== undefined && { token }),
      ...(certificate !== undefined && key !== undefined && { certificate, key }),
    },
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
  }
}

function parsed(
  command: string,
  text: string,
): { readonly status?: Readonly<Record<string, unknown>> | null } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {}
  throw new Error(`${command} gave no ExecCredential as JSON`)
}

const oneLine = (text: string | undefined): string => {
  const line = (text ?? '').replace(/[\p{Cc}\s]+/gu, ' ').trim()
  return line === '' ? '' : ` (${line.slice(0, 200)})`
}
