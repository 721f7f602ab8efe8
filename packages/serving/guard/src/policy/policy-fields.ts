/** The table of policy fields: validation and documentation. Types and presets must match it to compile. */

import { actions, roles } from '../check.ts'
import {
  type Field,
  type Fields,
  flag,
  listOf,
  millis,
  number,
  objectOf,
  oneOf,
  orOff,
  orWord,
  recordOf,
  text,
  wholeNumber,
} from './fields.ts'
import {
  type AuditPolicy,
  type BudgetPolicy,
  type CheckName,
  type CheckPolicy,
  checkNames,
  type GuardFiles,
  type KeyPolicySettings,
  type OutputPolicy,
  type PatternPolicy,
  type PolicySettings,
  presetNames,
  type RolePolicySettings,
  type SmoothingPolicy,
} from './policy.ts'

interface Row<T> {
  readonly doc: string
  readonly field: Field<T>
  /** Fields of an object value. */
  readonly within?: Readonly<Record<string, { readonly doc: string; readonly field: Field<unknown> }>>
}

/** Fields with their documentation. */
export type DocumentedFields<T> = { readonly [K in keyof T]-?: Row<NonNullable<T[K]>> }

function fieldsOf<T>(table: DocumentedFields<T>): Fields<T> {
  const rows = Object.entries(table) as [string, { readonly field: unknown }][]
  return Object.fromEntries(rows.map(([key, { field }]) => [key, field])) as unknown as Fields<T>
}

const year = 366 * 24 * 3600_000
const rate = number(0.0001, 0.5)
const actionOrOff = oneOf([...actions, 'off'])
const role = oneOf(roles)

const checkFields: Fields<CheckPolicy> = {
  action: actionOrOff,
  roles: listOf(role),
  falsePositiveRate: rate,
  cosine: number(-1, 1),
  kinds: listOf(text),
}
const check: Field<Partial<CheckPolicy>> = orWord(
  objectOf(() => checkFields, 'part'),
  actionOrOff,
  (action) => ({ action }),
)

const pattern = objectOf<PatternPolicy>(
  () => ({
    name: text,
    pattern: text,
    ignoreCase: flag,
    action: actionOrOff,
    why: text,
    replacement: text,
  }),
  'part',
  ['name', 'pattern'],
) as Field<PatternPolicy>

const outputFields: DocumentedFields<OutputPolicy> = {
  holdBackTokens: {
    doc: 'Number of tokens to check before they are sent. 0 only observes: sent tokens cannot be withdrawn.',
    field: wholeNumber(0, 4096),
  },
  leak: { doc: 'Action for responses that leak the system prompt.', field: actionOrOff },
  canary: {
    doc: 'Any action adds a random canary to the system prompt and searches responses for it.',
    field: actionOrOff,
  },
  secrets: { doc: 'What to do about secrets in answers.', field: actionOrOff },
  personalData: { doc: 'What to do about personal data in answers.', field: actionOrOff },
}

const smoothingFields: DocumentedFields<SmoothingPolicy> = {
  copies: {
    doc: 'Copies that are asked beside the text itself; the majority decides.',
    field: wholeNumber(2, 50),
  },
  dropped: { doc: 'Share of words that each copy omits.', field: number(0.01, 0.5) },
}

const budgetFields: DocumentedFields<BudgetPolicy> = {
  blocked: { doc: 'Blocked queries that a caller may make at once.', field: number(1, 1_000_000) },
  nearMissCost: { doc: 'What a near miss counts, in blocked queries.', field: number(0, 1) },
  forgetMillis: { doc: 'One blocked query is forgotten each time.', field: millis(1, year) },
  forgiveness: {
    doc: 'What a query that was let through makes up for, in multiples of what benign ones cost on average by `falsePositiveRate`: from 1 on nobody is locked out for asking much.',
    field: number(0, 10),
  },
  lockoutMillis: {
    doc: 'How long a caller is locked out who has used the budget up.',
    field: millis(1, year),
  },
  maxCallers: {
    doc: 'Callers that are remembered; those that did least are forgotten first.',
    field: wholeNumber(1, 10_000_000),
  },
}

const auditFields: DocumentedFields<AuditPolicy> = {
  file: { doc: 'SQLite file.', field: text },
  retentionMillis: { doc: 'Verdicts that are older are deleted.', field: millis(1, 100 * year) },
  excerptCharacters: {
    doc: 'How much of a text is kept around what was found in it, in UTF-16 units, secrets and personal data replaced as far as checks find them; 0 for none. A short text is then kept whole, and can be reviewed.',
    field: wholeNumber(0, 100_000),
  },
}

const fileFields: DocumentedFields<GuardFiles> = {
  classifier: { doc: 'Weights that `hadal guard train` wrote.', field: text },
  attacks: {
    doc: 'Known attacks written by `hadal guard learn`, in addition to the bundled ones.',
    field: text,
  },
  calibration: {
    doc: 'Thresholds that `hadal guard eval --thresholds-from` wrote, from one’s own benign texts.',
    field: text,
  },
}

/** Fields that roles and keys can override. */
const rolePolicyFields: DocumentedFields<RolePolicySettings> = {
  falsePositiveRate: {
    doc: 'Share of benign texts that all scored checks together may act on; each has its part of it.',
    field: rate,
  },
  failClosed: {
    doc: 'Whether a text is blocked that a check could not read because it failed or took too long; checks that only flag never block.',
    field: flag,
  },
  timeoutMillis: { doc: 'How long a check may wait for something.', field: millis(1) },
  maxCharacters: {
    doc: 'Longest text that is read to its end, in UTF-16 units. The check `limits` says what becomes of longer ones; where it lets them through, only their first `maxCharacters` are read.',
    field: wholeNumber(1, 100_000_000),
  },
  maxTokens: {
    doc: 'Longest text in tokens, estimated; false for no limit.',
    field: orOff(wholeNumber(1, 100_000_000)),
  },
  nearMiss: {
    doc: 'A text that is not acted on is a near miss where a score would be acted on at a rate so many times higher.',
    field: number(1, 100),
  },
  reply: { doc: 'What is answered where the action is `reply`.', field: text },
  blockAs: {
    doc: 'How a block is told: `answer`, an empty one with finish reason `content_filter`, or `error`, HTTP 400 `guard_blocked`.',
    field: oneOf(['answer', 'error']),
  },
  tokenPrompts: {
    doc: 'What becomes of prompts that are token numbers, which no check can read.',
    field: oneOf(['allow', 'refuse']),
  },
  checks: {
    doc: `What is done about what each check finds: an action (${[...actions, 'off'].join(', ')}), or an object with an action, roles, kinds (\`secrets\`, \`personalData\`), and a falsePositiveRate or, for \`similarity\`, a flat cosine. The checks are ${checkNames.join(', ')}.`,
    field: objectOf(
      () =>
        Object.fromEntries(checkNames.map((name) => [name, check])) as unknown as Fields<
          Record<CheckName, Partial<CheckPolicy>>
        >,
      'check',
    ),
  },
  patterns: {
    doc: 'Regular expressions of your own, in RE2 syntax: `{ name, pattern, ignoreCase?, action?, why?, replacement? }`. Roles and keys add to them.',
    field: listOf(pattern),
  },
  output: {
    doc: 'What is done with what a model writes.',
    field: objectOf(() => fieldsOf(outputFields), 'part'),
    within: outputFields,
  },
  smoothing: {
    doc: 'Randomised smoothing of the scored checks; see docs/guard.md for why it is off.',
    field: orOff(objectOf(() => fieldsOf(smoothingFields), 'part')),
    within: smoothingFields,
  },
}

const rolePolicy: Field<RolePolicySettings> = objectOf(() => fieldsOf(rolePolicyFields), 'setting')
const byRole = objectOf(
  () => ({ system: rolePolicy, user: rolePolicy, assistant: rolePolicy, tool: rolePolicy }),
  'role',
)
const rolesDoc = 'The same settings for texts of a role: system, user, assistant, tool.'
const keyPolicy: Field<KeyPolicySettings> = objectOf<KeyPolicySettings>(
  () => ({ ...fieldsOf(rolePolicyFields), roles: byRole }),
  'setting',
)

export const policyFields: DocumentedFields<PolicySettings> = {
  preset: { doc: 'What holds where nothing else is said.', field: oneOf(presetNames) },
  ...rolePolicyFields,
  roles: { doc: rolesDoc, field: byRole },
  keys: {
    doc: 'The same settings, and `roles`, by the name of an API key or a pattern with `*`: the first that fits.',
    field: recordOf(keyPolicy),
  },
  budget: {
    doc: 'Locks callers out who were blocked, or nearly, too often; false for never.',
    field: orOff(objectOf(() => fieldsOf(budgetFields), 'part')),
    within: budgetFields,
  },
  audit: {
    doc: 'Where verdicts are written down for administrators; false for nowhere.',
    field: orOff(objectOf(() => fieldsOf(auditFields), 'part', ['file'])),
    within: auditFields,
  },
  files: {
    doc: 'What was learned from your own traffic.',
    field: objectOf(() => fieldsOf(fileFields), 'file'),
    within: fileFields,
  },
  checkModules: {
    doc: 'Modules whose default export is a check of your own, or a list of them: `{ name, layer, check, action, roles? }`.',
    field: listOf(text),
  },
  secret: {
    doc: 'Seeds smoothing, which makes one at each start where none is given, and keys the digests of texts in the audit.',
    field: text,
  },
}

export const policyField: Field<PolicySettings> = orWord(
  objectOf<PolicySettings>(() => fieldsOf(policyFields), 'setting'),
  oneOf(presetNames),
  (preset) => ({ preset }),
)
