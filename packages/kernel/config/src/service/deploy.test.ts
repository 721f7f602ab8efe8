/** Deployment settings of a config file: valid values, and the issues reported for invalid ones. */

import { expect, it } from 'vitest'
import { readSettings } from '../resolve.ts'
import { checkService, type Service, serviceSettings } from '../service.ts'
import { image, quantityValue } from './deploy-kinds.ts'
import { readOverlay } from './overlays.ts'

const read = (values: object) =>
  readSettings(serviceSettings, { file: { path: 'c', values: values as never } }, { check: checkService })
const issuesOf = (values: object): readonly string[] => read(values).issues

it.each([
  [{ cpuRequest: '9' }, 'c: deploy: cpuRequest (9) is above cpuLimit (8)'],
  [{ memoryRequest: '33Gi' }, 'c: deploy: memoryRequest (33Gi) is above memoryLimit (32Gi)'],
  [{ memoryRequest: '33G', memoryLimit: '32Gi' }, undefined],
  [{ cpuRequest: '0' }, /c: deploy\.cpuRequest: "0" is not a quantity above 0/],
  [{ memoryLimit: '32gb' }, /deploy\.memoryLimit: "32gb" is not a quantity/],
  [{ image: 'hadal' }, /deploy\.image: "hadal" is not an image with a tag that stays what it is/],
  [{ image: 'hadal:latest' }, /`latest` is another one each day/],
  [
    { engineImage: 'x:1' },
    'c: deploy: engineImage applies to vLLM and SGLang; the embedded engine is in `image`',
  ],
  [{ gpusPerReplica: 12 }, /gpusPerReplica \(12\) is above gpusPerNode \(8\) and not a multiple of it/],
  [
    { gpusPerReplica: 0, engine: 'vllm' },
    /gpusPerReplica 0 runs on CPUs, which engine vllm does not support/,
  ],
  [{ modelClaim: 'weights', modelStorage: 'image' }, /modelClaim \(weights\) has no effect/],
  [{ gpuLabel: 'a/b/c' }, /deploy\.gpuLabel: "a\/b\/c" is not the key of a label/],
  [{ gpuLabelValues: ['two words'] }, /deploy\.gpuLabelValues/],
  [{ host: 'https://chat.example.com' }, /deploy\.host: .* is not the name of a host/],
  [{ prometheusUrl: 'prometheus:9090' }, /deploy\.prometheusUrl: .* is not a URL such as/],
  [{ secretName: 'Keys' }, /deploy\.secretName: .* is not a name of at most 253/],
  [{ monitoringLabels: { release: 'a b' } }, /deploy\.monitoringLabels/],
  [
    { overlays: { staging: { replica: 1 } } },
    /deploy\.overlays\.staging: unknown field replica; did you mean replicas\?/,
  ],
  [{ overlays: { staging: { overlays: {} } } }, /deploy\.overlays\.staging: unknown field overlays/],
  [
    { overlays: { staging: { cpuLimit: '2' } } },
    'c: deploy.overlays.staging: cpuRequest (4) is above cpuLimit (2)',
  ],
  [
    { overlays: { staging: { minReplicas: 9, maxReplicas: 2 } } },
    /deploy\.overlays\.staging: maxReplicas \(2\) is less/,
  ],
])('%j is %s', (deploy, issue) => {
  const found = issuesOf({ deploy })
  if (issue === undefined) expect(found).toEqual([])
  else if (typeof issue === 'string') expect(found).toEqual([issue])
  else expect(found.join('\n')).toMatch(issue)
})

it('takes the parts of an overlay over those of everywhere, read as they are', () => {
  const { values, issues } = read({
    deploy: {
      replicas: 3,
      overlays: { staging: { replicas: 1, longestRequestMillis: '1m', autoscaler: 'hpa' } },
    },
  })
  expect(issues).toEqual([])
  const { deploy, scaling } = readOverlay(values as Service, 'staging')
  expect(deploy).toMatchObject({
    replicas: 1,
    longestRequestMillis: 60_000,
    namespace: 'hadal',
    overlays: {},
  })
  expect(scaling).toMatchObject({ autoscaler: 'hpa', gpuHighPercent: 70 })
})

it.each([
  ['hadal:1', true],
  ['registry.example.com:5000/a/b:v1.2-cu13', true],
  ['registry.example.com:5000/a/b', false],
  [`hadal@sha256:${'0'.repeat(64)}`, true],
  ['hadal@sha256:12', false],
  ['hadal:latest', false],
  ['hadal:1 2', false],
])('%s is an image that stays what it is: %s', (given, sound) => {
  expect(image.schema.safeParse(given).success).toBe(sound)
})

it.each([
  ['500m', 0.5],
  ['16Gi', 16 * 1024 ** 3],
  ['1.5k', 1500],
  ['x', Number.NaN],
])('%s counts %s', (given, value) => {
  expect(quantityValue(given)).toBe(value)
})

it('promises no first token after the last', () => {
  expect(issuesOf({ slo: { ttftMillis: '2s' } })).toEqual([
    expect.stringContaining('must not exceed latencyMillis'),
  ])
})

it('looks at least twice before a figure says nothing', () => {
  const scaling = { checkIntervalMillis: '1m', staleAfterMillis: '90s' }
  expect(issuesOf({ scaling })).toEqual([
    expect.stringContaining('must be at least twice checkIntervalMillis (60000)'),
  ])
  expect(issuesOf({ scaling: { ...scaling, staleAfterMillis: '2m' } })).toEqual([])
})

it('scales to zero by KEDA or by hadal scale', () => {
  expect(issuesOf({ scaling: { scaleToZero: true } })).toEqual([
    'c: scaling: scaleToZero requires autoscaler keda or hadal',
  ])
})
