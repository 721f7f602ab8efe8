/** Training runs that tests render: a small recipe, its forms, and requests drawn by chance. */

import { resolveSettings, serviceSettings } from '@hadal/config'
import {
  planTraining,
  type RecipeFile,
  type RecipeSource,
  type TrainingForm,
  type TrainingPlan,
  type TrainingRequest,
  trainingManifests,
} from '@hadal/fleet'
import fc from 'fast-check'

const { values } = resolveSettings(serviceSettings, {})
const surroundings = { deploy: values.deploy, monitor: values.monitor, version: '0.1.0' }
export const file = (path: string, text: string): RecipeFile => ({ path, bytes: Buffer.from(text) })
export const recipe: Extract<RecipeSource, { kind: 'files' }> = {
  kind: 'files',
  main: '.',
  files: [
    file('run.ts', `import { start } from './data/start.ts'\nexport default start\n`),
    file('data/start.ts', 'export const start = {}\n'),
  ],
}
export const forms: readonly TrainingForm[] = ['job', 'jobset', 'trainjob']

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into.
type Any = any
export const plan = (
  change: Partial<TrainingRequest> = {},
  deploy: Partial<typeof values.deploy> = {},
): TrainingPlan =>
  planTraining(
    { name: 'sums', form: 'job', recipe, ...change },
    { ...surroundings, deploy: { ...values.deploy, ...deploy } },
  )
export const render = (...given: Parameters<typeof plan>): readonly Any[] => trainingManifests(plan(...given))
export const request: fc.Arbitrary<TrainingRequest> = fc.record(
  {
    name: fc.constantFrom('a', 'sums', 'fine-tune', `x${'y'.repeat(39)}`),
    form: fc.constantFrom(...forms),
    recipe: fc.constantFrom<RecipeSource>(recipe, { kind: 'image', path: '/recipes/a' }),
    nodes: fc.integer({ min: 1, max: 40 }),
    nproc: fc.integer({ min: 1, max: 16 }),
    gpus: fc.integer({ min: 0, max: 16 }),
    image: fc.constant('registry.example/train:1'),
    runClaim: fc.constant('mine'),
    dataClaim: fc.constant('data'),
    restarts: fc.integer({ min: 0, max: 9 }),
    metricsPort: fc.constantFrom(0, 9400),
    queue: fc.constant('team'),
  },
  { requiredKeys: ['name', 'form', 'recipe'] },
)
