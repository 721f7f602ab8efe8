/** Every error of keys, limits and usage that a user can meet. */

import { defineError, type ErrorMaker, formatCount } from '@hadal/base'

export const keyMissing: ErrorMaker<[]> = defineError({
  code: 'key_missing',
  status: 401,
  when: 'A request names no key, where keys are kept in a database.',
  message: () => 'no API key was given',
  help: 'Send one as Authorization: Bearer, or as x-api-key. `hadal keys create` makes one.',
})

export const keyUnknown: ErrorMaker<[shown: string]> = defineError({
  code: 'key_unknown',
  status: 401,
  when: 'A request names a key that was never made, or was revoked.',
  message: (shown) => `the API key ${shown} is not known here`,
  help: 'Check that it was copied whole. `hadal keys list` says which there are, and which were revoked.',
})

export const keyExpired: ErrorMaker<[shown: string, at: string]> = defineError({
  code: 'key_expired',
  status: 401,
  when: 'A request names a key whose time is over.',
  message: (shown, at) => `the API key ${shown} expired at ${at}`,
  help: 'Ask for a new one: `hadal keys create`.',
})

export const accountsUnavailable: ErrorMaker<[]> = defineError({
  code: 'accounts_unavailable',
  status: 503,
  when: 'The database that knows keys is away, and the key of a request was not seen lately.',
  message: () => 'keys cannot be checked now',
  help: 'Retry. Whoever runs the service: is its database up?',
})

export const modelForbidden: ErrorMaker<[model: string, allowed: readonly string[]]> = defineError({
  code: 'model_forbidden',
  status: 403,
  when: 'A key may not use the model that a request names.',
  message: (model, allowed) => `this key may not use ${model}; it may use ${allowed.join(', ')}`,
  help: 'Name another model, or have `hadal keys limit --models` allow it.',
})

export const modelUnpriced: ErrorMaker<[model: string]> = defineError({
  code: 'model_unpriced',
  status: 403,
  when: 'A key has a budget in money, and the model that a request names has no price.',
  message: (model) => `this key has a budget in money, and ${model} has no price`,
  help: 'Name another model, or give it one in the setting `prices`.',
})

/** What of a key is limited by the minute. */
export type LimitedByMinute = 'requests' | 'tokens'

export const rateLimited: ErrorMaker<[what: LimitedByMinute, limit: number, needed: number, left: number]> =
  defineError({
    code: 'rate_limited',
    status: 429,
    when: 'A key has used its requests or its tokens of the minute.',
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
  when: 'A request alone may use more tokens than its key may use in a minute.',
  message: (limit, needed) =>
    `the request may use ${needed} tokens, and this key may use ${limit} in a whole minute`,
  help: 'Ask for fewer tokens, or send a shorter prompt.',
  facts: (limit, needed) => ({ limit, needed }),
})

export const concurrencyLimited: ErrorMaker<[limit: number]> = defineError({
  code: 'concurrency_limited',
  status: 429,
  when: 'As many requests of a key are at work as it may have at a time.',
  message: (limit) => `this key may have ${limit} requests at work at a time, and has them`,
  help: 'Retry when one of them has ended.',
  facts: (limit) => ({ limit }),
})

export const budgetExhausted: ErrorMaker<[budget: string, left: string, needed: string, until: string]> =
  defineError({
    code: 'budget_exhausted',
    status: 402,
    when: 'What is left of the month’s budget of a key is less than a request may come to.',
    message: (budget, left, needed, until) =>
      `of this key’s budget of ${budget} a month ${left} are left, and the request may come to ${needed}`.concat(
        `; the next month begins at ${until}`,
      ),
    help: 'Ask for fewer tokens, or have `hadal keys limit` raise the budget.',
  })

export const noSuchKey: ErrorMaker<[named: string, matches: number]> = defineError({
  code: 'no_such_key',
  status: 404,
  when: 'A command names a key that there is not, or more than one has that name.',
  message: (named, matches) =>
    matches === 0
      ? `there is no key ${JSON.stringify(named)}`
      : `${matches} keys are ${JSON.stringify(named)}`,
  help: '`hadal keys list` shows their ids.',
})

export const invalidKeyLimits: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'invalid_key_limits',
  status: 400,
  when: 'What a key is to be limited to makes no sense.',
  message: (faults) => faults.join('; '),
  help: 'Correct what is named.',
})

export const databaseUnusable: ErrorMaker<[shown: string, why: string]> = defineError({
  code: 'database_unusable',
  status: 500,
  when: 'The database of keys and usage cannot be opened, or is of a newer version.',
  message: (shown, why) => `the database ${shown} cannot be used: ${why}`,
  help: 'The setting `database` takes the path of a SQLite file, or postgres://user@host/name.',
})

export const sqliteMissing: ErrorMaker<[why: string]> = defineError({
  code: 'sqlite_missing',
  status: 500,
  when: 'Keys and usage are to be kept in a SQLite file, and the package that reads and writes them is not installed.',
  message: (why) => `better-sqlite3 cannot be loaded: ${why}`,
  help: 'Install it where Hadal is: npm install better-sqlite3@12.11.1. Or name a PostgreSQL: postgres://user@host/name.',
})

export const journalInUse: ErrorMaker<[folder: string, pid: number]> = defineError({
  code: 'journal_in_use',
  status: 500,
  when: 'Two processes are to write usage into one folder.',
  message: (folder, pid) => `process ${pid} writes its usage to ${folder}`,
  help: 'Give each its own folder: the setting `journalDir`.',
})

/** As messages have it: few digits. */
export const shownTokens = (tokens: number): string => `${formatCount(tokens)} tokens`
