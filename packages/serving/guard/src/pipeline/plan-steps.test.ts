import { describe, expect, it } from 'vitest'
import { nothing, type Role, type Step } from '../check.ts'
import type { PolicyAsWritten } from '../policy/policy.ts'
import { policySettings } from '../policy/read-policy.ts'
import { resolvePolicy, rolePolicyOf } from '../policy/resolve-policy.ts'
import { type CheckMakers, planSteps } from './plan-steps.ts'
import type { PlannedStep } from './screen-text.ts'

/** Creates no-op checks and records their arguments. */
function plan(written: PolicyAsWritten, role: Role = 'user', own: readonly Step[] = []) {
  const made: Record<string, unknown[]> = {}
  const maker =
    (name: string) =>
    (...given: unknown[]) => {
      made[name] = given
      return () => nothing
    }
  const names = [
    'limits',
    'controlCharacters',
    'chatMarkup',
    'attackPhrases',
    'patterns',
    'secrets',
    'personalData',
    'classifier',
    'similarity',
    'perplexity',
    'smoothed',
  ]
  const makers = Object.fromEntries(names.map((name) => [name, maker(name)])) as unknown as CheckMakers
  const policy = rolePolicyOf(resolvePolicy(policySettings(written)), role, undefined)
  return { steps: planSteps(policy, role, makers, own), made }
}
const actionsOf = (steps: readonly PlannedStep[]): Record<string, string> =>
  Object.fromEntries(steps.map(({ name, action }) => [name, action]))

describe('the steps of a policy', () => {
  it('come cheapest first, and read only the roles that they are for', () => {
    expect(plan('default').steps.map(({ name }) => name)).toEqual([
      'limits',
      'controlCharacters',
      'chatMarkup',
      'attackPhrases',
      'secrets',
      'personalData',
      'classifier',
      'similarity',
      'perplexity',
    ])
    expect(Object.keys(actionsOf(plan('default', 'system').steps))).toEqual(['limits', 'controlCharacters'])
    expect(plan('off').steps).toEqual([])
  })

  it('share the rate among those with a threshold; their own comes first', () => {
    const { steps, made } = plan({
      falsePositiveRate: 0.02,
      checks: { perplexity: { falsePositiveRate: 0.3 } },
    })
    const rates = steps.map(({ falsePositiveRate }) => falsePositiveRate ?? 0)
    const [classifier, similarity, perplexity] = rates.slice(-3) as [number, number, number]
    expect(classifier + similarity).toBeCloseTo(0.02)
    expect(perplexity).toBe(0.3)
    expect(made.classifier).toEqual([classifier])
    expect(made.similarity).toEqual([{ falsePositiveRate: similarity }])
  })

  it('may compare at a flat cosine, which has no rate', () => {
    const { steps, made } = plan('guide')
    expect(made.similarity).toEqual([{ cosine: 0.8 }])
    expect(steps.at(-1)).not.toHaveProperty('falsePositiveRate')
  })

  it('hold patterns together by what is done about them', () => {
    const pattern = (name: string, action?: 'flag' | 'off') => ({
      name,
      pattern: name,
      ...(action && { action }),
    })
    const { steps, made } = plan({ patterns: [pattern('a'), pattern('b', 'flag'), pattern('c', 'off')] })
    expect(actionsOf(steps)).toMatchObject({ patterns: 'block', 'patterns.flag': 'flag' })
    expect(made.patterns).toMatchObject([[{ name: 'a' }]])
    expect(
      actionsOf(plan({ checks: { patterns: 'off' }, patterns: [pattern('a')] }).steps),
    ).not.toHaveProperty('patterns')
  })

  it('of what a model wrote are none of the output where those are off', () => {
    const { steps } = plan({ output: { secrets: 'flag', personalData: 'off' } }, 'assistant')
    expect(actionsOf(steps)).toMatchObject({ outputSecrets: 'flag' })
    expect(actionsOf(steps)).not.toHaveProperty('outputPersonalData')
    const none = plan({ output: { secrets: 'off', personalData: 'flag' } }, 'assistant').steps
    expect(actionsOf(none)).not.toHaveProperty('outputSecrets')
  })

  it('of what a model wrote are those of the output', () => {
    const { steps, made } = plan(
      { preset: 'strict', checks: { personalData: { kinds: ['card'] } } },
      'assistant',
    )
    expect(actionsOf(steps)).toMatchObject({ outputSecrets: 'redact', outputPersonalData: 'redact' })
    expect(made.personalData).toEqual([['card']])
    expect(steps.at(-1)!.layer).toBe('output')
  })

  it('are smoothed where they have a threshold, if at all', () => {
    expect(plan('default').made.smoothed).toBeUndefined()
    expect(plan({ smoothing: { copies: 3 } }).made.smoothed).toMatchObject([{}, { copies: 3, dropped: 0.1 }])
  })

  it('end with the custom steps', () => {
    const own: Step = { name: 'mine', layer: 'mine', check: () => nothing, action: 'flag', roles: ['user'] }
    expect(plan('default', 'user', [own]).steps.at(-1)).toBe(own)
    expect(plan('off', 'tool', [own]).steps).toEqual([])
  })
})
