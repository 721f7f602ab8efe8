/** A guard with a few words instead of a trained one; the tests cover what the server does with verdicts. */

import {
  type Action,
  QueryBudget,
  type Role,
  type Step,
  type Verdict,
  type VerdictFinding,
} from '@hadal/guard'
import type { GuardAudit, GuardPolicy, ServerGuard } from '@hadal/server'

export interface WordGuard extends ServerGuard {
  readonly screened: { readonly text: string; readonly role: Role; readonly key: string }[]
  policy: GuardPolicy
  /** Thrown instead of returning a verdict. */
  issue: Error | undefined
}

const words: Readonly<Record<string, Action>> = {
  attack: 'block',
  'two\nparts': 'block',
  tricky: 'reply',
  '4111': 'redact',
  odd: 'flag',
}

export const plainPolicy: GuardPolicy = {
  failClosed: true,
  reply: 'Let us talk of something else.',
  blockAs: 'answer',
  tokenPrompts: 'allow',
  checks: { secrets: {}, personalData: {} },
  output: { holdBackTokens: 0, leak: 'off', canary: 'off', secrets: 'off', personalData: 'off' },
}

export function wordGuard(
  policy: Partial<GuardPolicy> = {},
  { hasBudget = false, answers = {} as Readonly<Record<string, Action>> } = {},
): WordGuard {
  const screened: WordGuard['screened'] = []
  const guard: WordGuard = {
    screened,
    policy: { ...plainPolicy, ...policy },
    issue: undefined,
    budget: hasBudget
      ? new QueryBudget({
          blocked: 3,
          nearMissCost: 0.5,
          forgetMillis: 10_000,
          forgiven: 0,
          lockoutMillis: 60_000,
          maxCallers: 100,
        })
      : undefined,
    policyFor: () => guard.policy,
    stepsFor: (role) => (role === 'assistant' && Object.keys(answers).length > 0 ? [step] : []),
    async screen(text, { role, key = '', alsoSteps = [] }) {
      if (guard.issue !== undefined) throw guard.issue
      screened.push({ text, role, key })
      const said = role === 'assistant' ? answers : words
      return verdictOf(text, role, said, await alsoFound(text, alsoSteps), guard.policy.reply)
    },
  }
  return guard
}

const step: Step = { name: 'words', layer: 'rules', check: () => ({ findings: [] }), action: 'flag' }

async function alsoFound(text: string, steps: readonly Step[]): Promise<VerdictFinding[]> {
  const base64 = [...text.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].map(([each]) => ({
    name: 'base64',
    path: ['base64'],
    text: Buffer.from(each, 'base64').toString('utf8'),
    toOriginal: () => ({ start: 0, end: text.length }),
  }))
  const original = {
    name: 'original',
    path: [],
    text,
    toOriginal: (span: { start: number; end: number }) => span,
  }
  const found: VerdictFinding[] = []
  for (const { name, layer, action, check } of steps) {
    const { findings } = await check({
      text,
      role: 'assistant',
      language: 'en',
      views: [original, ...base64],
    })
    found.push(...findings.map((finding) => ({ ...finding, check: name, layer, action })))
  }
  return found
}

const severity: readonly Verdict['action'][] = ['allow', 'flag', 'redact', 'reply', 'block']

function verdictOf(
  text: string,
  role: Role,
  said: Readonly<Record<string, Action>>,
  more: readonly VerdictFinding[],
  reply: string,
): Verdict {
  const found = Object.entries(said).flatMap(([word, action]): VerdictFinding[] => {
    const start = text.indexOf(word)
    if (start < 0) return []
    const span = { start, end: start + word.length }
    return [
      {
        rule: word,
        span,
        view: 'original',
        why: 'a word',
        check: 'words',
        layer: 'rules',
        action,
        replacement: '[card]',
      },
    ]
  })
  const findings = [...found, ...more].sort((a, b) => severity.indexOf(b.action) - severity.indexOf(a.action))
  const action = findings[0]?.action ?? 'allow'
  return {
    action,
    role,
    language: 'en',
    findings,
    text: action === 'redact' ? text.replaceAll('4111', '[card]') : text,
    ...(action === 'reply' && { reply }),
    suspicion: {},
    abstained: {},
    failed: {},
    isNearMiss: text.includes('nearly'),
    timings: [{ check: 'words', layer: 'rules', micros: 5 }],
    micros: 5,
  }
}

export interface ListAudit extends GuardAudit {
  readonly written: Parameters<GuardAudit['write']>[0][]
}

export function listAudit(): ListAudit {
  const written: ListAudit['written'] = []
  return {
    written,
    write: (entry) => void written.push(entry),
    read: async ({ action, limit = 100 }) =>
      written.filter(({ verdict }) => action === undefined || verdict.action === action).slice(-limit),
  }
}
