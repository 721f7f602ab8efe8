import { describe, expect, it } from 'vitest'
import { presetNames } from './policy.ts'
import { presets } from './presets.ts'
import { policySettings, readPolicy } from './read-policy.ts'

describe('a policy as people write it', () => {
  it('may be the name of a preset', () => {
    for (const preset of presetNames) expect(readPolicy(preset)).toEqual({ settings: { preset }, issues: [] })
  })

  it('has presets that it accepts itself', () => {
    for (const preset of Object.values(presets)) expect(readPolicy(preset).issues).toEqual([])
  })

  it('may name an action where an object is meant, and durations with their unit', () => {
    const { settings, issues } = readPolicy({
      checks: { classifier: 'flag', personalData: { kinds: ['card'] } },
      budget: { lockoutMillis: '5m' },
    })
    expect(issues).toEqual([])
    expect(settings.checks).toEqual({ classifier: { action: 'flag' }, personalData: { kinds: ['card'] } })
    expect(settings.budget).toEqual({ lockoutMillis: 300_000 })
  })

  it('gets all of its issues reported at once, with paths and suggestions', () => {
    const { issues } = readPolicy({
      preset: 'strickt',
      falsePositivRate: 0.1,
      checks: { clasifier: 'block', similarity: 'blok', limits: 7 },
      patterns: [{ name: 'a' }, 3],
      roles: { tools: {} },
      keys: { 'team-*': { roles: { user: { failClosed: 'yes' } } } },
      output: { holdBackTokens: -1 },
      audit: {},
      budget: 'much',
    })
    expect(issues).toEqual([
      'guard.preset: "strickt" is not one of default, strict, watch, guide, off; did you mean strict?',
      'guard: unknown setting falsePositivRate; did you mean falsePositiveRate?',
      'guard.checks: unknown check clasifier; did you mean classifier?',
      'guard.checks.similarity: "blok" is not one of flag, redact, reply, block, off; did you mean block?',
      'guard.checks.limits must be an object, got 7',
      'guard.patterns[0]: pattern is missing',
      'guard.patterns[1] must be an object, got 3',
      'guard.roles: unknown role tools; did you mean tool?',
      'guard.keys["team-*"].roles.user.failClosed: "yes" is not true or false',
      'guard.output.holdBackTokens: -1 is not a whole number from 0 to 4096',
      'guard.audit: file is missing',
      'guard.budget must be an object, got "much"',
    ])
  })

  it('gets issues across fields reported', () => {
    const { issues } = readPolicy({
      checks: { limits: { falsePositiveRate: 0.1 }, similarity: { cosine: 0.8, falsePositiveRate: 0.1 } },
      keys: { a: { checks: { classifier: { cosine: 0.8, kinds: ['card'] } } } },
      patterns: [
        { name: 'a', pattern: 'x' },
        { name: 'a', pattern: 'y' },
      ],
    })
    expect(issues).toEqual([
      'guard.checks.limits: falsePositiveRate means nothing for a check that is certain',
      'guard.checks.similarity: either a cosine or a falsePositiveRate',
      'guard.patterns: two are called "a"',
      'guard.keys["a"].checks.classifier: cosine means something for similarity alone',
      'guard.keys["a"].checks.classifier: kinds mean something for secrets and personalData alone',
    ])
  })

  it.each([null, 3, [], 'none', undefined])('is refused where it is %j', (given) => {
    expect(readPolicy(given).issues).toHaveLength(1)
    expect(() => policySettings(given as never)).toThrow(
      expect.objectContaining({ code: 'guard_policy_invalid' }),
    )
  })
})
