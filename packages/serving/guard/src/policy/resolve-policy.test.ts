import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actions, type Role } from '../check.ts'
import { checkNames, type PolicyAsWritten, presetNames, type RolePolicy } from './policy.ts'
import { auditDefaults, defaultPolicy, smoothingDefaults } from './presets.ts'
import { policySettings } from './read-policy.ts'
import { keyPatternFor, resolvePolicy, rolePolicyOf } from './resolve-policy.ts'

const resolved = (written: PolicyAsWritten) => resolvePolicy(policySettings(written))
const forKey = (written: PolicyAsWritten, key?: string, role: 'user' | 'tool' = 'user'): RolePolicy => {
  const policy = resolved(written)
  return rolePolicyOf(policy, role, keyPatternFor(policy, key))
}

describe('a resolved policy', () => {
  it('is the default where nothing is said', () => {
    expect(resolved('default')).toEqual(defaultPolicy)
    expect(resolved({})).toEqual(defaultPolicy)
  })

  it('watches without ever standing in the way, and off does nothing', () => {
    for (const { action } of Object.values(resolved('watch').checks)) expect(action).toBe('flag')
    for (const { action } of Object.values(resolved('off').checks)) expect(action).toBe('off')
  })

  it('keeps the preset’s values alongside the overrides', () => {
    const { checks, budget, output } = resolved({
      preset: 'strict',
      checks: { personalData: { kinds: ['card'] } },
      budget: { blocked: 3 },
      output: { leak: 'flag' },
    })
    expect(checks.personalData).toEqual({
      action: 'redact',
      kinds: ['card'],
      roles: defaultPolicy.checks.personalData.roles,
    })
    expect(budget).toMatchObject({ blocked: 3, lockoutMillis: 900_000 })
    expect(output).toMatchObject({ leak: 'flag', canary: 'block', holdBackTokens: 24 })
  })

  it('has an audit and a budget where they are set, with defaults for the rest', () => {
    expect(resolved({ preset: 'strict', audit: { file: 'audit.db' } }).audit).toEqual({
      ...auditDefaults,
      file: 'audit.db',
    })
    expect(resolved({ preset: 'strict', audit: false, budget: false })).toMatchObject({
      audit: false,
      budget: false,
    })
  })

  it('smooths where that is set, with defaults for the rest', () => {
    expect(resolved({ smoothing: { copies: 3 } }).smoothing).toEqual({ ...smoothingDefaults, copies: 3 })
    expect(resolved({ smoothing: false }).smoothing).toBe(false)
  })

  it('lets a rate take the place of the flat cosine, and the other way round', () => {
    const { checks } = resolved({ preset: 'guide', checks: { similarity: { falsePositiveRate: 0.02 } } })
    expect(checks.similarity).toEqual({
      action: 'block',
      falsePositiveRate: 0.02,
      roles: defaultPolicy.checks.similarity.roles,
    })
  })
})

describe('a threshold of the preset', () => {
  it('stays where only something else of its check is set', () => {
    const before = resolved('guide').checks.similarity
    expect(before.cosine).toBeGreaterThan(0)
    expect(resolved({ preset: 'guide', checks: { similarity: 'flag' } }).checks.similarity).toEqual({
      ...before,
      action: 'flag',
    })
  })
})

describe('what holds for a key and a role', () => {
  const written: PolicyAsWritten = {
    reply: 'service',
    patterns: [{ name: 'a', pattern: 'service' }],
    roles: { tool: { reply: 'tool', failClosed: false } },
    keys: {
      'team-*': {
        reply: 'team',
        patterns: [
          { name: 'a', pattern: 'team' },
          { name: 'b', pattern: 'b' },
        ],
        roles: { tool: { reply: 'tool of team' } },
      },
      'team-a': { reply: 'exact' },
      '*': { checks: { classifier: 'off' } },
    },
  }

  it('is said by the nearest that says anything', () => {
    expect(forKey(written).reply).toBe('service')
    expect(forKey(written, undefined, 'tool')).toMatchObject({ reply: 'tool', failClosed: false })
    expect(forKey(written, 'team-b').reply).toBe('team')
    expect(forKey(written, 'team-b', 'tool')).toMatchObject({ reply: 'tool of team', failClosed: false })
    expect(forKey(written, 'team-a').reply).toBe('exact')
    expect(forKey(written, 'other')).toMatchObject({
      reply: 'service',
      checks: { classifier: { action: 'off' } },
    })
  })

  it('reads the words of a role that an action is said for, though the check reads those of others elsewhere', () => {
    const policy = resolved({
      roles: { system: { checks: { classifier: 'flag' } } },
      keys: { k: { checks: { secrets: 'block' }, roles: { assistant: { checks: { secrets: 'redact' } } } } },
    })
    const rolesOf = (role: Role, pattern?: string) => rolePolicyOf(policy, role, pattern).checks
    expect(rolesOf('system').classifier).toMatchObject({ action: 'flag', roles: ['system'] })
    expect(rolesOf('user').classifier).toMatchObject({ action: 'block', roles: ['user', 'tool'] })
    expect(rolesOf('assistant', 'k').secrets).toMatchObject({ action: 'redact', roles: ['assistant'] })
    expect(rolesOf('user', 'k').secrets).toMatchObject({ action: 'block', roles: ['user', 'tool'] })
  })

  it('leaves the roles of a check as they are where only its rate is said for one role', () => {
    const policy = resolved({ roles: { tool: { checks: { classifier: { falsePositiveRate: 0.02 } } } } })
    expect(rolePolicyOf(policy, 'tool', undefined).checks.classifier).toEqual({
      ...defaultPolicy.checks.classifier,
      falsePositiveRate: 0.02,
    })
  })

  it('knows no names of JavaScript', () => {
    const policy = resolved(JSON.parse('{"keys": {"__proto__": {"reply": "a"}, "c*": {"reply": "b"}}}'))
    expect(keyPatternFor(policy, '__proto__')).toBe('__proto__')
    expect(rolePolicyOf(policy, 'user', '__proto__').reply).toBe('a')
    expect(keyPatternFor(policy, 'constructor')).toBe('c*')
    expect(keyPatternFor(policy, 'toString')).toBeUndefined()
  })

  it('of those without a key is said by no pattern of keys', () => {
    const policy = resolved(written)
    for (const key of [undefined, '']) expect(keyPatternFor(policy, key)).toBeUndefined()
    expect(keyPatternFor(policy, 'anybody')).toBe('*')
  })

  it('adds patterns, and replaces those of the same name', () => {
    expect(forKey(written, 'team-b').patterns.map(({ pattern }) => pattern)).toEqual(['team', 'b'])
    expect(forKey(written, 'team-a').patterns.map(({ pattern }) => pattern)).toEqual(['service'])
  })

  it('is always whole: every field has a value, whatever is said', () => {
    const role = fc.record(
      {
        falsePositiveRate: fc.constantFrom(0.01, 0.2),
        failClosed: fc.boolean(),
        reply: fc.constantFrom('a', 'b'),
        smoothing: fc.constantFrom(false as const, { copies: 3 }),
        checks: fc.dictionary(fc.constantFrom(...checkNames), fc.constantFrom(...actions, 'off' as const)),
      },
      { requiredKeys: [] },
    )
    const policies = fc.record(
      {
        preset: fc.constantFrom(...presetNames),
        roles: fc.record({ user: role, tool: role }),
        keys: fc.record({ k: role }),
      },
      { requiredKeys: [] },
    )
    const fields = Object.keys(rolePolicyOf(defaultPolicy, 'system', undefined))
    fc.assert(
      fc.property(policies, role, fc.constantFrom('k', 'other', undefined), (written, own, key) => {
        const held = forKey({ ...written, ...own } as PolicyAsWritten, key, 'tool')
        for (const field of fields) expect(held[field as keyof RolePolicy]).toBeDefined()
        for (const name of checkNames)
          expect(held.checks[name].action).toMatch(/^(flag|redact|reply|block|off)$/)
      }),
    )
  })
})
