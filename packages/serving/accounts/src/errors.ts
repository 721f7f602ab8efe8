/** All user-facing errors of keys, limits and usage. */

import { defineError, type ErrorMaker, formatCount } from '@hadal/base'

export const keyMissing: ErrorMaker<[]> = defineError({
  code: 'key_missing',
  status: 401,
  when: 'The request carries no API key, and keys are kept in a database.',
  message: () => 'no API key was given',
  help: 'Send a key as Authorization: Bearer, or as x-api-key. `hadal keys create` creates one.',
})

export const keyUnknown: ErrorMaker<[shown: string]> = defineError({
  code: 'key_unknown',
  status: 401,
  when: 'The API key does not exist or was revoked.',
  message: (shown) => `the API key ${shown} is not valid`,
  help: 'Check that it was copied completely. `hadal keys list` shows all keys, including revoked ones.',
})

export const keyExpired: ErrorMaker<[shown: string, at: string]> = defineError({
  code: 'key_expired',
  status: 401,
  when: 'The API key has expired.',
  message: (shown, at) => `the API key ${shown} expired at ${at}`,
  help: 'Create a new key: `hadal keys create`.',
})

export const accountsUnavailable: ErrorMaker<[]> = defineError({
  code: 'accounts_unavailable',
  status: 503,
  when: 'The key database is unreachable, and the key was not verified recently.',
  message: () => 'API keys cannot be verified at the moment',
  help: 'Retry. As an administrator, check that the key database is running.',
})

export const modelForbidden: ErrorMaker<[model: string, allowed: readonly string[]]> = defineError({
  code: 'model_forbidden',
  status: 403,
  when: 'The key is not allowed to use the requested model.',
  message: (model, allowed) => `this key may not use ${model}; it may use ${allowed.join(', ')}`,
  help: 'Use another model, or allow this one with `hadal keys limit --models`.',
})

export const modelUnpriced: ErrorMaker<[model: string]> = defineError({
  code: 'model_unpriced',
  status: 403,
  when: 'The key has a monetary budget, and the requested model has no price.',
  message: (model) => `this key has a monetary budget, and ${model} has no price`,
  help: 'Use another model, or set a price for this one in the setting `prices`.',
})

/** Per-minute limits of a key. */
export type LimitedByMinute = 'requests' | 'tokens'

export const rateLimited: ErrorMaker<[what: LimitedByMinute, limit: number, needed: number, left: number]> =
  defineError({
    code: 'rate_limited',
    status: 429,
    when: 'The key has reached its requests or tokens per minute.',
    message: (what, limit, needed, left) =>
      what === 'requests'
        ? `this key has reached its limit of ${limit} requests per minute`
        : `this key may use ${limit} tokens per minute: ${left} are left, and the request may use ${needed}`,
    help: 'Retry after the given number of seconds.',
    facts: (_what, limit, needed, left) => ({ limit, needed, left }),
  })

export const tokenLimitExceeded: ErrorMaker<[limit: number, needed: number]> = defineError({
  code: 'token_limit_exceeded',
  status: 400,
  when: 'A single request may use more tokens than its key may use per minute.',
  message: (limit, needed) =>
    `the request may use ${needed} tokens, and this key may use ${limit} per minute`,
  help: 'Lower max_tokens, or send a shorter prompt.',
  facts: (limit, needed) => ({ limit, needed }),
})

export const concurrencyLimited: ErrorMaker<[limit: number]> = defineError({
  code: 'concurrency_limited',
  status: 429,
  when: 'The key has reached its concurrency limit.',
  message: (limit) => `this key has reached its limit of ${limit} concurrent requests`,
  help: 'Retry when one of its requests has finished.',
  facts: (limit) => ({ limit }),
})

export const budgetExhausted: ErrorMaker<[budget: string, left: string, needed: string, until: string]> =
  defineError({
    code: 'budget_exhausted',
    status: 402,
    when: 'The request may cost more than what is left of the monthly budget of the key.',
    message: (budget, left, needed, until) =>
      `${left} of the monthly budget of ${budget} are left for this key, and the request may cost ${needed}`.concat(
        `; the next month begins at ${until}`,
      ),
    help: 'Lower max_tokens, or raise the budget with `hadal keys limit`.',
  })

export const noSuchKey: ErrorMaker<[named: string, matches: number]> = defineError({
  code: 'no_such_key',
  status: 404,
  when: 'A command names a key that does not exist, or a name that several keys share.',
  message: (named, matches) =>
    matches === 0
      ? `there is no key ${JSON.stringify(named)}`
      : `${matches} keys match ${JSON.stringify(named)}`,
  help: 'Use a key id; `hadal keys list` shows them.',
})

export const invalidKeyLimits: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'invalid_key_limits',
  status: 400,
  when: 'The limits given for a key are invalid.',
  message: (issues) => issues.join('; '),
  help: 'Correct the limits that the message names.',
})

export const databaseUnusable: ErrorMaker<[shown: string, why: string]> = defineError({
  code: 'database_unusable',
  status: 500,
  when: 'The database of keys and usage cannot be opened, or was written by a newer version.',
  message: (shown, why) => `the database ${shown} cannot be used: ${why}`,
  help: 'Set `database` to the path of a SQLite file, or to postgres://user@host/name.',
})

export const sqliteMissing: ErrorMaker<[why: string]> = defineError({
  code: 'sqlite_missing',
  status: 500,
  when: 'Keys and usage are kept in a SQLite file, and the package better-sqlite3 is not installed.',
  message: (why) => `cannot load better-sqlite3: ${why}`,
  help: 'Install it next to Hadal: npm install better-sqlite3@12.11.1. Or use PostgreSQL: postgres://user@host/name.',
})

export const journalInUse: ErrorMaker<[folder: string, pid: number]> = defineError({
  code: 'journal_in_use',
  status: 500,
  when: 'Two processes would write usage records to the same folder.',
  message: (folder, pid) => `process ${pid} already writes its usage records to ${folder}`,
  help: 'Give each process its own folder with the setting `journalDir`.',
})

export const journalUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'journal_unwritable',
  status: 500,
  when: 'The folder of usage records cannot be written at start.',
  message: (folder, why) => `usage records cannot be written to ${folder}: ${why}`,
  help: 'Set `journalDir` to a folder that this user can write to.',
})

/** For messages: few digits. */
export const shownTokens = (tokens: number): string => `${formatCount(tokens)} tokens`
