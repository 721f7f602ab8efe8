/** No secret of a service, wherever it is configured, is in its deployment, in a rendered file, or in error messages. */

import { isHadalError } from '@hadal/base'
import { checkService, readSettings, type Service, serviceSettings } from '@hadal/config'
import { type Deployment, deployInvalid, planDeployment, renderKubernetes } from '@hadal/fleet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** As keys are; the mark is looked for in all that comes out, however it is cut. */
const secret = fc.stringMatching(/^[a-z0-9]{4}$/).map((end) => `zq7mark4k9w2x${end}`)
const mark = 'zq7mark4k9w2x'

/** Ways in which a URL holds a secret. */
const url = secret.chain((word) =>
  fc.constantFrom(
    `https://user:${word}@example.com/v1`,
    `https://${word}@example.com`,
    `https://example.com/v1?api_key=${word}`,
    `https://example.com/v1?token=${word}&x=1`,
    `https://example.com/#access_token=${word}`,
    `https://hooks.example.com/services/T1/B2/${word}`,
  ),
)

type Values = Record<string, unknown>
const model = (upstream: Values): Values => ({
  models: [{ id: 'api', upstream: { replicas: ['https://api.example.com'], ...upstream } }],
})

/** Where secrets belong: a service that has them there is deployed without them. */
const rightPlaces: readonly fc.Arbitrary<Values>[] = [
  secret.map((word) => ({ apiKeys: [word, `${word}-two`] })),
  secret.map((word) => ({ adminKeys: [word] })),
  secret.map((word) => ({ database: `postgres://hadal:${word}@db.example.com/hadal` })),
  secret.map((word) => ({ guard: { preset: 'strict', secret: word } })),
  secret.map((apiKey) => model({ apiKey })),
  secret.map((apiKey) => model({ apiKey, apiKeyEnv: 'OTHER_KEY' })),
]

/** Where none belongs: what is said of that has the place, and not the secret. */
const wrongPlaces: readonly fc.Arbitrary<Values>[] = [
  secret.map((word) => ({ database: `accounts-${word}.sqlite` })),
  secret.map((word) => model({ headers: { 'x-api-key': word, authorization: `Bearer ${word}` } })),
  url.map((each) => model({ replicas: [each] })),
  url.map((each) => model({ discover: { dns: each, port: 1 }, replicas: undefined })),
  url.map((each) => ({ model: each })),
  url.map((each) => ({ models: [{ id: 'a', model: 'nano', adapters: [{ path: each }] }] })),
  url.map((each) => ({ draftModel: each })),
  url.map((each) => ({ chatTemplate: `{{ x }} ${each}` })),
  url.map((each) => ({ otlpEndpoint: each })),
  url.map((each) => ({ corsOrigins: [each] })),
  url.map((each) => ({ modelAliases: [each] })),
  url.map((each) => ({ guard: { files: { classifier: each } } })),
  url.map((each) => ({ guard: { reply: `See ${each}` } })),
  url.map((each) => ({ monitor: { runbookUrl: each } })),
  url.map((each) => ({ monitor: { receivers: [{ name: 'r', webhook: each }] } })),
  url.map((each) => ({ deploy: { overlays: { staging: { image: each } } } })),
  url.map((each) => ({ deploy: { monitoringLabels: { [each]: 'x' } } })),
  url.map((each) => ({ deploy: { image: each } })),
  url.map((each) => ({ prices: { [each]: { input: 1 } } })),
]

/** A deployment, or the text of what is wrong. */
function outcomeOf(values: Values): Deployment | string {
  const read = readSettings(
    serviceSettings,
    { file: { path: 'hadal.config.ts', values } },
    { check: checkService },
  )
  if (read.issues.length > 0) return read.issues.join('\n')
  const { values: service, origins } = read
  const said = new Set(
    (Object.keys(serviceSettings) as (keyof Service)[]).filter((key) => origins[key].source !== 'default'),
  )
  try {
    return planDeployment({ service, said, version: '0.1.0', facts: { modelBytes: { nano: 6e6 } } })
  } catch (thrown) {
    if (!isHadalError(thrown)) throw thrown
    expect(thrown.code).toBe(deployInvalid.spec.code)
    return `${thrown.message}\n${thrown.help}`
  }
}

function everythingOf(deployment: Deployment): string {
  const files = renderKubernetes(deployment)
  return [JSON.stringify(deployment), ...files.map(({ path, text }) => `${path}\n${text}`)].join('\n')
}

/** Kubernetes keeps some texts in base64. */
const hidden = (word: string): string[] => [
  word,
  Buffer.from(word).toString('base64').slice(0, -4),
  encodeURIComponent(word),
]
const expectWithout = (text: string): void => {
  for (const form of hidden(mark)) expect(text.toLowerCase()).not.toContain(form.toLowerCase())
}

describe('a secret', () => {
  it('in any of the places for secrets is nowhere in what is deployed', () => {
    const several = fc.tuple(...rightPlaces.map((place) => fc.option(place, { nil: {} })))
    fc.assert(
      fc.property(several, (parts) => {
        const outcome = outcomeOf(Object.assign({}, ...parts))
        expect(outcome).toBeTypeOf('object')
        expectWithout(everythingOf(outcome as Deployment))
      }),
      { numRuns: 25 },
    )
  })

  it('anywhere else is refused, and nowhere in what is said of it', () => {
    fc.assert(
      fc.property(fc.oneof(...wrongPlaces), fc.oneof(...rightPlaces), (wrong, right) => {
        const outcome = outcomeOf({ ...right, ...wrong })
        expect(outcome).toBeTypeOf('string')
        expectWithout(outcome as string)
      }),
      { numRuns: 200 },
    )
  })

  it('in every one of these places by itself', () => {
    for (const place of rightPlaces)
      for (const values of fc.sample(place, 3)) expectWithout(everythingOf(outcomeOf(values) as Deployment))
    for (const place of wrongPlaces)
      for (const values of fc.sample(place, 6)) {
        const outcome = outcomeOf(values)
        expect(outcome, JSON.stringify(values)).toBeTypeOf('string')
        expectWithout(outcome as string)
      }
  })

  it('of every setting that the table says is one', () => {
    for (const [key, { secret }] of Object.entries(serviceSettings)) {
      if (secret !== true) continue
      const word = `${mark}0000`
      const value = key === 'database' ? `postgres://u:${word}@db/x` : [word]
      const outcome = outcomeOf({ [key]: value })
      expect(outcome, key).toBeTypeOf('object')
      expectWithout(everythingOf(outcome as Deployment))
    }
  })
})
