/** All user-facing errors of keys, limits and usage. */

import { defineError, type ErrorMaker, formatCount } from '@hadal/base'

export const keyMissing: ErrorMaker<[]> = defineError({
  code: 'key_missing',
  status: 401,
  when: 'The request carries no API key, and keys are kept in a database.',
  message: () => 'no API key was given',
  help: 'Send one as Authorization: Bearer, or as x-api-key. `hadal keys create` makes one.',
})

export const keyUnknown: ErrorMaker<[shown: string]> = defineError({
  code: 'key_unknown',
  status: 401,
  when: 'The API key does not exist or was revoked.',
  message: (shown) => `the API key ${shown} is not known here`,
  help: 'Check that it was copied whole. `hadal keys list` says which there are, and which were revoked.',
})

export const keyExpired: ErrorMaker<[shown: string, at: string]> = defineError({
  code: 'key_expired',
  status: 401,
  when: 'The API key has expired.',
  message: (shown, at) => `the API key ${shown} expired at ${at}`,
  help: 'Ask for a new one: `hadal keys create`.',
})

export const accountsUnavailable: ErrorMaker<[]> = defineError({
  code: 'accounts_unavailable',
  status: 503,
  when: 'The key database is unreachable, and the key was not verified recently.',
  message: () => 'keys cannot be checked now',
  help: 'Retry. Whoever runs the service: is its database up?',
})

export const modelForbidden: ErrorMaker<[model: string, allowed: readonly string[]]> = defineError({
  code: 'model_forbidden',
  status: 403,
  when: 'The key is not allowed to use the requested model.',
  message: (model, allowed) => `this key may not use ${model}; it may use ${allowed.join(', ')}`,
  help: 'Name another model, or have `hadal keys limit --models` allow it.',
})

export const modelUnpriced: ErrorMaker<[model: string]> = defineError({
  code: 'model_unpriced',
  status: 403,
  when: 'The key has a monetary budget, and the requested model has no price.',
  message: (model) => `this key has a budget in money, and ${model} has no price`,
  help: 'Name another model, or give it one in the setting `prices`.',
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
        ? `this key may make ${limit} requests a minute, and has made them`
        : `this key may use ${limit} tokens a minute: ${left} are left, and the request may use ${needed}`,
    help: 'Retry after the given number of seconds.',
    facts: (_what, limit, needed, left) => ({ limit, needed, left }),
  })

export const tokenLimitExceeded: ErrorMaker<[limit: number, needed: number]> = defineError({
  code: 'token_limit_exceeded',
  status: 400,
  when: 'A single request may use more tokens than its key may use per minute.',
  message: (limit, needed) =>
    `the request may use ${needed} tokens, and this key may use ${limit} in a whole minute`,
  help: 'Ask for fewer tokens, or send a shorter prompt.',
  facts: (limit, needed) => ({ limit, needed }),
})

export const concurrencyLimited: ErrorMaker<[limit: number]> = defineError({
  code: 'concurrency_limited',
  status: 429,
  when: 'The key has reached its concurrency limit.',
  message: (limit) => `this key may have ${limit} requests at work at a time, and has them`,
  help: 'Retry when one of them has ended.',
  facts: (limit) => ({ limit }),
})

export const budgetExhausted: ErrorMaker<[budget: string, left: string, needed: string, until: string]> =
  defineError({
    code: 'budget_exhausted',
    status: 402,
    when: 'The request may cost more than what is left of the monthly budget of the key.',
    message: (budget, left, needed, until) =>
      `of this key’s budget of ${budget} a month ${left} are left, and the request may come to ${needed}`.concat(
        `; the next month begins at ${until}`,
      ),
    help: 'Ask for fewer tokens, or have `hadal keys limit` raise the budget.',
  })

export const noSuchKey: ErrorMaker<[named: string, matches: number]> = defineError({
  code: 'no_such_key',
  status: 404,
  when: 'A command names a key that does not exist, or a name that several keys share.',
  message: (named, matches) =>
    matches === 0
      ? `there is no key ${JSON.stringify(named)}`
      : `${matches} keys are ${JSON.stringify(named)}`,
  help: '`hadal keys list` shows their ids.',
})

export const invalidKeyLimits: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'invalid_key_limits',
  status: 400,
  when: 'The limits given for a key are invalid.',
  message: (faults) => faults.join('; '),
  help: 'Correct what is named.',
})

export const databaseUnusable: ErrorMaker<[shown: string, why: string]> = defineError({
  code: 'database_unusable',
  status: 500,
  when: 'The database of keys and usage cannot be opened, or was written by a newer version.',
  message: (shown, why) => `the database ${shown} cannot be used: ${why}`,
  help: 'The setting `database` takes the path of a SQLite file, or postgres://user@host/name.',
})

export const sqliteMissing: ErrorMaker<[why: string]> = defineError({
  code: 'sqlite_missing',
  status: 500,
  when: 'Keys and usage are kept in a SQLite file, and the package better-sqlite3 is not installed.',
  message: (why) => `better-sqlite3 cannot be loaded: ${why}`,
  help: 'Install it where Hadal is: npm install better-sqlite3@12.11.1. Or name a PostgreSQL: postgres://user@host/name.',
})

export const journalInUse: ErrorMaker<[folder: string, pid: number]> = defineError({
  code: 'journal_in_use',
  status: 500,
  when: 'Two processes would write usage records to the same folder.',
  message: (folder, pid) => `process ${pid} writes its usage to ${folder}`,
  help: 'Give each its own folder: the setting `journalDir`.',
})

/** For messages: few digits. */
export const shownTokens = (tokens: number): string => `${formatCount(tokens)} tokens`
