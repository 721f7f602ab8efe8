/** `hadal serve --replicas 2` with two engine processes of the bundled model: one is killed, then everything is stopped. */

import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseMetricsText } from '@hadal/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serve } from './hadal-process.ts'

const patient = { interval: 20 } as const

let hadal: ChildProcess
let url: string

beforeAll(async () => {
  const requested = ['--replicas', '2', '--max-batch-size', '2', '--guard', 'off']
  ;({
    hadal: { child: hadal },
    url,
  } = await serve(...requested))
})
afterAll(() => hadal.kill('SIGKILL'))

const figure = async (wanted: string): Promise<number> => {
  const { samples } = parseMetricsText(await (await fetch(`${url}/metrics`)).text())
  return (
    samples.find(({ name, labels }) => name === wanted && labels.model_name === 'nano')?.value ?? Number.NaN
  )
}

/** The text received by the end of the response. */
async function answer(prompt: string, tokens: number): Promise<string> {
  const body = { model: 'nano', prompt, max_tokens: tokens, ignore_eos: true, stream: true }
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.text()
}

const engines = (): number[] =>
  readFileSync(`/proc/${hadal.pid}/task/${hadal.pid}/children`, 'utf8').trim().split(' ').map(Number)

const isWhole = (text: string): boolean => text.includes('[DONE]') && !text.includes('"error"')

it.runIf(process.platform === 'linux')(
  'loses with one process only what that computed, goes on meanwhile, and has two again',
  async () => {
    await expect.poll(() => figure('hadal_engine_replicas'), patient).toBe(2)
    expect(await figure('hadal_max_batch_size')).toBe(4)
    const running = ['One', 'Two', 'Three', 'Four'].map((prompt) => answer(prompt, 400))
    await expect.poll(() => figure('vllm:num_requests_running'), patient).toBe(4)
    process.kill(engines()[0]!, 'SIGKILL')
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    expect(isWhole(await answer('Five', 20))).toBe(true)
    const texts = await Promise.all(running)
    expect(texts.filter(isWhole)).toHaveLength(2)
    for (const lost of texts.filter((text) => !isWhole(text))) expect(lost).toContain('engine_crashed')
    await expect.poll(() => figure('hadal_engine_replicas'), patient).toBe(2)
    expect(await figure('hadal_engine_restarts')).toBe(1)
    expect(await figure('vllm:num_requests_running')).toBe(0)
  },
)

it('finishes the active requests on both replicas when it is stopped', async () => {
  await expect.poll(() => figure('hadal_engine_replicas'), patient).toBe(2)
  const running = ['One', 'Two', 'Three', 'Four'].map((prompt) => answer(prompt, 200))
  await expect.poll(() => figure('vllm:num_requests_running'), patient).toBe(4)
  const code = new Promise((resolve) => hadal.once('exit', resolve))
  hadal.kill('SIGTERM')
  for (const text of await Promise.all(running)) expect(isWhole(text)).toBe(true)
  expect(await code).toBe(0)
})
