/**
 * Alert receivers in a config, with validation. Secrets are in files that Alertmanager reads, never in a config; so errors
 * never repeat the given values. Independent of Alertmanager's format.
 */

import { flag, oneOf, text } from '../kinds.ts'
import { type NestedKinds, readNested } from '../nested.ts'

/** A receiver of alerts. Each `...File` is an absolute path as seen by Alertmanager. */
export interface ReceiverEntry {
  readonly name: string
  /** A URL without secrets that receives Alertmanager's JSON; or the file that contains it. */
  readonly webhook?: string
  readonly webhookFile?: string
  /** A channel, and the file with the URL of its webhook. */
  readonly slackChannel?: string
  readonly slackUrlFile?: string
  /** An address; mail is sent through `monitor.smtp`. */
  readonly email?: string
  /** The file with the integration key of the Events API v2. */
  readonly pagerdutyKeyFile?: string
  /** Which alerts it receives: `page` is urgent, `ticket` can wait; all by default. */
  readonly severity?: 'page' | 'ticket'
}

/** The mail server. */
export interface SmtpEntry {
  /** With its port: `smtp.example.com:587`. */
  readonly host: string
  readonly from: string
  readonly username?: string
  /** An absolute path as seen by Alertmanager. */
  readonly passwordFile?: string
  /** Whether TLS is required; true by default. */
  readonly requireTls?: boolean
}

interface Read<T> {
  readonly values: T
  readonly issues: readonly string[]
}

const receiverKinds: NestedKinds = {
  name: text,
  webhook: text,
  webhookFile: text,
  slackChannel: text,
  slackUrlFile: text,
  email: text,
  pagerdutyKeyFile: text,
  severity: oneOf('page', 'ticket'),
}

/** Parses receivers; each error has its location. */
export function readReceivers(given: unknown): Read<readonly ReceiverEntry[]> {
  if (!Array.isArray(given)) return { values: [], issues: ['monitor.receivers must be a list'] }
  const names = new Set<string>()
  const read = given.map((each, at) => {
    const place = `monitor.receivers[${at}]`
    const { values, issues } = readNested(withoutUrl(each), receiverKinds, place, ['name'])
    const entry = { ...values, ...urlOf(each) } as unknown as ReceiverEntry
    const known = names.has(entry.name) ? [`${place}: the receiver name ${entry.name} is used twice`] : []
    names.add(entry.name)
    return { entry, issues: issues.length > 0 ? issues : [...known, ...issuesOf(entry, place)] }
  })
  return { values: read.map(({ entry }) => entry), issues: read.flatMap(({ issues }) => issues) }
}

/** A URL may be secret, and is kept out of error messages. */
function withoutUrl(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  return { ...given, ...('webhook' in given && given.webhook !== undefined && { webhook: 'a URL' }) }
}

const urlOf = (given: unknown): object => {
  const { webhook } = (given ?? {}) as { webhook?: unknown }
  return webhook === undefined ? {} : { webhook }
}

function issuesOf(entry: ReceiverEntry, place: string): string[] {
  const { name, webhook, webhookFile, slackChannel, slackUrlFile, email, pagerdutyKeyFile } = entry
  const issues: string[] = []
  if (!/^[a-z0-9][a-z0-9_.-]{0,62}$/i.test(name))
    issues.push(
      `${place}.name: ${JSON.stringify(name)} is not at most 63 letters, digits, and _ . - that begin with a letter or digit`,
    )
  if (name === nobody) issues.push(`${place}.name: ${nobody} is reserved for alerts without a receiver`)
  if ([webhook, webhookFile, slackChannel, slackUrlFile, email, pagerdutyKeyFile].every(isUnsaid))
    issues.push(
      `${place}: ${name} has no channel: set webhook, webhookFile, slackChannel, email or pagerdutyKeyFile`,
    )
  if (webhook !== undefined) issues.push(...urlIssues(webhook, `${place}.webhook`))
  if (webhook !== undefined && webhookFile !== undefined)
    issues.push(`${place}: webhook and webhookFile are mutually exclusive; remove one`)
  if ((slackChannel === undefined) !== (slackUrlFile === undefined))
    issues.push(`${place}: slackChannel and slackUrlFile must be set together`)
  if (email !== undefined && !/^[^\s@,]+@[^\s@,]+$/.test(email))
    issues.push(`${place}.email must be an email address, got ${JSON.stringify(email)}`)
  for (const file of ['webhookFile', 'slackUrlFile', 'pagerdutyKeyFile'] as const)
    issues.push(...pathIssues(entry[file], `${place}.${file}`))
  return issues
}

/**
 * The receiver of otherwise unrouted alerts: it notifies no one.
 *
 * @internal
 */
export const nobody = 'nobody'

const isUnsaid = (value: unknown): boolean => value === undefined

/** Alertmanager resolves relative paths against its working directory. */
function pathIssues(path: string | undefined, place: string): string[] {
  if (path === undefined || (path.startsWith('/') && !path.includes('\n'))) return []
  return [`${place} must be an absolute path, as Alertmanager sees the file`]
}

/** Services whose URLs are secrets. */
const keyHosts =
  /(^|\.)(hooks\.slack\.com|discord(app)?\.com|webhook\.office(365)?\.com|chat\.googleapis\.com|hooks\.zapier\.com|events\.pagerduty\.com)$/i
const keyName = /key|token|secret|passw|auth|credential|signature|^sig$/i

function urlIssues(given: unknown, place: string): string[] {
  if (typeof given !== 'string' || !URL.canParse(given)) return [`${place} must be an http or https URL`]
  const { protocol, username, password, hostname, searchParams, pathname } = new URL(given)
  if (protocol !== 'http:' && protocol !== 'https:') return [`${place} must be an http or https URL`]
  const isSecret =
    username !== '' ||
    password !== '' ||
    keyHosts.test(hostname) ||
    [...searchParams].some(([name, value]) => keyName.test(name) || looksRandom(value)) ||
    pathname.split('/').some(looksRandom)
  return isSecret ? [`${place} seems to contain a key: put the URL into a file and set webhookFile`] : []
}

/** Twenty letters and digits in a row, both present: not a natural path. */
const looksRandom = (text: string): boolean =>
  (text.match(/[a-z0-9_=+]{20,}/gi) ?? []).some((run) => /\d/.test(run) && /[a-z]/i.test(run))

const smtpKinds: NestedKinds = {
  host: text,
  from: text,
  username: text,
  passwordFile: text,
  requireTls: flag,
}

export function readSmtp(given: unknown): { readonly value: SmtpEntry; readonly issues: readonly string[] } {
  const { values, issues } = readNested(given, smtpKinds, 'monitor.smtp', ['host', 'from'])
  const value = values as unknown as SmtpEntry
  if (issues.length > 0) return { value, issues }
  const { host, username, passwordFile } = value
  const more: string[] = []
  if (!/^([a-z0-9.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(host))
    more.push(
      `monitor.smtp.host must be a host with a port, such as smtp.example.com:587, got ${JSON.stringify(host)}`,
    )
  if ((username === undefined) !== (passwordFile === undefined))
    more.push('monitor.smtp: username and passwordFile must be set together')
  return { value, issues: [...more, ...pathIssues(passwordFile, 'monitor.smtp.passwordFile')] }
}
