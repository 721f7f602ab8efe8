import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { claims } from './claims.ts'
import { ownClaimModule } from './run/claim-job.ts'

const ids = [
  'dynamic-batching',
  'loss-scale',
  'checkpointing',
  'tensor-parallel',
  'allocator',
  'cold-start',
  'guard-layers',
  'private-training',
  'custom-operator',
  'image-text',
  'lora',
  'quantisation-aware',
  'divergence-guard',
  'autoscaling',
  'alerts',
  'driver-floor',
]

it('has each claim once, in the folder of its name', () => {
  expect(claims.map(({ id }) => id)).toEqual(ids)
  for (const id of ids) expect(existsSync(fileURLToPath(ownClaimModule(id)))).toBe(true)
})

it('has a page and a line of text for each', () => {
  for (const { page, title, claimed } of claims) {
    expect(existsSync(fileURLToPath(new URL(`../../../../docs/${page}`, import.meta.url))), page).toBe(true)
    for (const text of [title, claimed]) expect(text).toMatch(/^\S.*\S$/)
  }
})

it('measures all of them quickly within five minutes', () => {
  expect(claims.reduce((sum, { quickSeconds }) => sum + quickSeconds, 0)).toBeLessThan(300)
})
